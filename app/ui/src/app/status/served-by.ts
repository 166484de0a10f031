import { Injectable, signal } from '@angular/core';

/** The backend behind the last answer; null when the last attempt got none from a backend. */
@Injectable({ providedIn: 'root' })
export class ServedBy {
  readonly #instance = signal<string | null | undefined>(undefined);

  /** Undefined before the first answer. */
  readonly instance = this.#instance.asReadonly();

  note(instance: string | null): void {
    this.#instance.set(instance);
  }
}
