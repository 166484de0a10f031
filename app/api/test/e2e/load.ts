import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client';
import type { Instance } from './instance';

const EVERY_MS = 50;
const WORKOUT = { name: 'Under load', performedOn: '2026-11-20', notes: '', exercises: [{ name: 'Squat', sets: 5, repetitions: 5, weightKg: 100 }] };

interface Answered {
  /** Since the load began. */
  atMs: number;
  tookMs: number;
  status: number;
}

/** Twenty requests a second, each when its time has come whatever became of those before; half of them create with a key. */
export class Load {
  readonly answers: Answered[] = [];
  /** The workouts that were acknowledged. */
  readonly created: number[] = [];
  private readonly started = performance.now();
  private readonly ended: Promise<void>;
  private isOver = false;

  constructor(
    private readonly client: Client,
    private readonly instance: Instance,
  ) {
    this.ended = this.run();
  }

  get elapsedMs(): number {
    return performance.now() - this.started;
  }

  /** Waits for the last answer too. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.ended;
  }

  get statuses(): Record<number, number> {
    const counts: Record<number, number> = {};
    for (const { status } of this.answers) {
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  }

  get longestMs(): number {
    return Math.round(Math.max(...this.answers.map(({ tookMs }) => tookMs)));
  }

  private async run(): Promise<void> {
    const requests: Promise<void>[] = [];
    for (let number = 0; !this.isOver; number += 1) {
      requests.push(this.request(number % 2 === 0));
      await sleep(Math.max(0, (number + 1) * EVERY_MS - this.elapsedMs));
    }
    await Promise.all(requests);
  }

  private async request(reads: boolean): Promise<void> {
    const atMs = this.elapsedMs;
    const answer = reads
      ? await this.client.call(this.instance, 'GET', '/workouts?pageSize=1')
      : await this.client.call(this.instance, 'POST', '/workouts', WORKOUT, randomUUID());
    if (answer.status === 201) {
      this.created.push(answer.body.id);
    }
    this.answers.push({ atMs, tookMs: this.elapsedMs - atMs, status: answer.status });
  }
}
