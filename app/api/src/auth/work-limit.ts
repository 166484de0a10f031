/** At most `concurrent` pieces of work run at once, at most `waiting` queue for their turn. */
export class WorkLimit {
  private running = 0;
  private readonly queue: (() => void)[] = [];

  constructor(
    private readonly concurrent: number,
    private readonly waiting: number,
  ) {}

  /** undefined: the queue is full and the work was not taken on. */
  run<T>(work: () => Promise<T>): Promise<T> | undefined {
    if (this.running >= this.concurrent && this.queue.length >= this.waiting) {
      return undefined;
    }
    return this.runInTurn(work);
  }

  private async runInTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.concurrent) {
      // The one that ends hands its place over: `running` stays as it is, nobody slips in between.
      await new Promise<void>((resolve) => this.queue.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.queue.shift();
      if (next === undefined) {
        this.running -= 1;
      } else {
        next();
      }
    }
  }
}
