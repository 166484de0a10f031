import { signal } from '@angular/core';
import { describeProblem } from '../http/problem';

/** What a person set off and now waits for: one at a time, and its problem in words. */
export class Submission {
  readonly #busy = signal(false);
  readonly #problem = signal('');

  readonly busy = this.#busy.asReadonly();
  readonly problem = this.#problem.asReadonly();

  async run(work: () => Promise<void>): Promise<void> {
    if (this.#busy()) return;
    this.#busy.set(true);
    this.#problem.set('');
    try {
      await work();
    } catch (error) {
      this.#problem.set(describeProblem(error));
    } finally {
      this.#busy.set(false);
    }
  }
}
