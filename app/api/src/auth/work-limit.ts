import { UnavailableError } from '../http/problem';

/** At most `concurrent` pieces of work run at once, at most `waiting` queue for their turn; more are refused. */
export class WorkLimit {
  private running = 0;
  private readonly queue: (() => void)[] = [];

  constructor(
    private readonly concurrent: number,
    private readonly waiting: number,
    private readonly refusal: string,
  ) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.turn();
    try {
      return await work();
    } finally {
      this.pass();
    }
  }

  private async turn(): Promise<void> {
    if (this.running < this.concurrent) {
      this.running += 1;
    } else if (this.queue.length < this.waiting) {
      await new Promise<void>((resolve) => this.queue.push(resolve));
    } else {
      throw new UnavailableError(this.refusal);
    }
  }

  /** Hands the place over: `running` stays as it is, so that nobody slips in between. */
  private pass(): void {
    const next = this.queue.shift();
    if (next === undefined) {
      this.running -= 1;
    } else {
      next();
    }
  }
}
