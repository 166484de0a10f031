import { HttpClient, HttpContext, HttpErrorResponse } from '@angular/common/http';
import { inject, Injectable, signal } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { create } from '../http/creation';
import type { CreationKey } from '../http/idempotency-key';
import { HARMLESS } from '../http/retry.interceptor';
import type { Credentials, User } from './user';

/** Who is logged in. The proof is a cookie that only the browser and the API can read. */
@Injectable({ providedIn: 'root' })
export class Session {
  readonly #http = inject(HttpClient);
  readonly #user = signal<User | null>(null);
  readonly #expired = signal(false);
  #known = false;

  readonly user = this.#user.asReadonly();
  /** Whether the last session ended without the person wanting it. */
  readonly expired = this.#expired.asReadonly();

  /** The user of a session that this page load has not asked the API about yet. */
  async restore(): Promise<User | null> {
    return this.#known ? this.#user() : this.verify();
  }

  /** Asks the API; it is an error when the API cannot say. */
  async verify(): Promise<User | null> {
    try {
      return this.#remember(await firstValueFrom(this.#http.get<User>('/auth/me')));
    } catch (error) {
      if (!(error instanceof HttpErrorResponse && error.status === 401)) throw error;
      this.expire();
      return null;
    }
  }

  async logIn(credentials: Credentials): Promise<void> {
    this.#remember(
      await firstValueFrom(this.#http.post<User>('/auth/login', credentials, harmless())),
    );
  }

  async register(credentials: Credentials, key: CreationKey): Promise<void> {
    this.#remember(await create<User>(this.#http, '/auth/register', credentials, key));
  }

  async logOut(): Promise<void> {
    await firstValueFrom(this.#http.post('/auth/logout', null, harmless()));
    this.#remember(null);
  }

  /** The API does not know this session, or no longer. */
  expire(): void {
    if (this.#user()) this.#expired.set(true);
    this.#remember(null);
  }

  #remember(user: User | null): User | null {
    this.#known = true;
    if (user) this.#expired.set(false);
    this.#user.set(user);
    return user;
  }
}

function harmless(): { context: HttpContext } {
  return { context: new HttpContext().set(HARMLESS, true) };
}
