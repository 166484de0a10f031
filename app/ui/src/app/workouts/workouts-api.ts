import { HttpClient, HttpErrorResponse } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { firstValueFrom, type Observable } from 'rxjs';
import { create } from '../http/creation';
import type { CreationKey } from '../http/idempotency-key';
import type { Workout, WorkoutDraft, WorkoutPage } from './workout';

const PAGE_SIZE = 20;

@Injectable({ providedIn: 'root' })
export class WorkoutsApi {
  readonly #http = inject(HttpClient);

  page(page: number): Observable<WorkoutPage> {
    return this.#http.get<WorkoutPage>('/workouts', { params: { page, pageSize: PAGE_SIZE } });
  }

  find(id: number): Observable<Workout> {
    return this.#http.get<Workout>(`/workouts/${id}`);
  }

  async create(draft: WorkoutDraft, key: CreationKey): Promise<void> {
    await create<Workout>(this.#http, '/workouts', draft, key);
  }

  async update(id: number, draft: WorkoutDraft): Promise<void> {
    await firstValueFrom(this.#http.put<Workout>(`/workouts/${id}`, draft));
  }

  async delete(id: number): Promise<void> {
    try {
      await firstValueFrom(this.#http.delete(`/workouts/${id}`));
    } catch (error) {
      // Deleted elsewhere, or by an attempt whose answer was lost: gone is what was wanted.
      if (!(error instanceof HttpErrorResponse && error.status === 404)) throw error;
    }
  }
}
