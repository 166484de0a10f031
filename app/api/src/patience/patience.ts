import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { Settings } from '../settings/settings';
import { Deadline } from './deadline';

const PAUSE_MS = 25;

/**
 * How long a request goes on trying while the database or Redis moves to another host. The whole request has one
 * deadline, whatever it asks of whom on its way; it follows the request through its promises, so that nothing in
 * between has to hand it on.
 */
@Injectable()
export class Patience implements NestMiddleware {
  private readonly dependencyPatienceMs: number;
  private readonly deadlines = new AsyncLocalStorage<Deadline>();

  constructor({ dependencyPatienceMs }: Settings) {
    this.dependencyPatienceMs = dependencyPatienceMs;
  }

  use(_request: Request, response: Response, next: NextFunction): void {
    const deadline = new Deadline(this.dependencyPatienceMs);
    response.once('close', () => deadline.end());
    this.deadlines.run(deadline, next);
  }

  /** That of the request under way. What belongs to none, such as a socket's event, has its own. */
  get deadline(): Deadline {
    return this.deadlines.getStore() ?? new Deadline(this.dependencyPatienceMs);
  }

  /** All that `work` does shares this deadline. */
  until<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
    return this.deadlines.run(deadline, work);
  }

  /** For what goes on when the request that it was done for is answered. */
  apart<T>(work: () => Promise<T>): Promise<T> {
    return this.until(new Deadline(this.dependencyPatienceMs), work);
  }

  /** Tries again whatever failed for a passing reason, as long as the deadline allows; then it fails as it did last. */
  async retry<T>(attempt: (failures: number) => Promise<T>, isPassing: (error: unknown) => boolean): Promise<T> {
    const { deadline } = this;
    return this.until(deadline, async () => {
      for (let failures = 0; ; failures += 1) {
        try {
          return await attempt(failures);
        } catch (error) {
          // Apart, or two that collided would collide again.
          const pause = PAUSE_MS * (0.5 + Math.random());
          if (!isPassing(error) || deadline.remainingMs <= pause) {
            throw error;
          }
          await sleep(pause);
        }
      }
    });
  }
}
