/**
 * What is begun still gets this long when the time is up: a server that is well answers by then, and the request
 * that came late for another reason (its password waited to be hashed) is not failed for want of a millisecond.
 */
export const LEAST_MS = 100;

/** The moment at which a request stops waiting for what it depends on. */
export class Deadline {
  private at: number;

  constructor(patienceMs: number) {
    this.at = performance.now() + patienceMs;
  }

  /** 0 when it is over. */
  get remainingMs(): number {
    return Math.max(0, this.at - performance.now());
  }

  /** Nobody waits any more. */
  end(): void {
    this.at = 0;
  }

  /** For a single answer. */
  get limitMs(): number {
    return Math.max(LEAST_MS, this.remainingMs);
  }
}
