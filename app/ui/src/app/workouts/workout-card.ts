import { DatePipe } from '@angular/common';
import {
  ChangeDetectionStrategy,
  Component,
  type ElementRef,
  inject,
  input,
  output,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { Submission } from '../forms/submission';
import { exerciseLoad, type Workout } from './workout';
import { WorkoutsApi } from './workouts-api';

@Component({
  selector: 'app-workout-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [DatePipe, RouterLink],
  templateUrl: './workout-card.html',
})
export class WorkoutCard {
  readonly #api = inject(WorkoutsApi);
  private readonly confirmation = viewChild.required<ElementRef<HTMLDialogElement>>('confirmation');

  readonly workout = input.required<Workout>();
  readonly deleted = output();

  protected readonly load = exerciseLoad;
  protected readonly deletion = new Submission();

  protected ask(): void {
    this.confirmation().nativeElement.showModal();
  }

  protected cancel(): void {
    this.confirmation().nativeElement.close();
  }

  protected async delete(): Promise<void> {
    await this.deletion.run(async () => {
      await this.#api.delete(this.workout().id);
      this.cancel();
      this.deleted.emit();
    });
  }
}
