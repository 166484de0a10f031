import { AsyncResource } from 'node:async_hooks';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { whenOverdue } from '../patience/overdue';
import { Patience } from '../patience/patience';
import { Settings } from '../settings/settings';
import { UnavailableError } from './problem';

interface Entrant {
  response: Response;
  begin: NextFunction;
}

/**
 * Works on a few requests at once, and on the others in their order.
 *
 * An instance that works on all of them at once finishes all of them late when there are many, as after a moment in
 * which it stood still; in turn, most of them are answered soon. Who has left is not worked for.
 */
@Injectable()
export class Admission implements NestMiddleware {
  private working = 0;
  private readonly waiting: Entrant[] = [];
  private readonly limit: number;

  /** More than the database serves at once would only wait there. */
  constructor(
    { database }: Settings,
    private readonly patience: Patience,
  ) {
    this.limit = database.poolSize;
  }

  use(request: Request, response: Response, next: NextFunction): void {
    // No `close` would tell of one who has left already.
    if (!request.socket.destroyed) {
      // Bound: begun when another request leaves, it would else be taken for that one, by the log and by its deadline.
      this.enter({ response, begin: AsyncResource.bind(next) });
    }
  }

  private enter(entrant: Entrant): void {
    if (this.working < this.limit) {
      this.admit(entrant);
      return;
    }
    this.waiting.push(entrant);
    const overdue = whenOverdue(this.patience.deadline.remainingMs, () => {
      if (this.withdraw(entrant)) {
        entrant.begin(new UnavailableError('The requests before this one take too long.'));
      }
    });
    entrant.response.once('close', () => {
      overdue.cancel();
      this.withdraw(entrant);
    });
  }

  private withdraw(entrant: Entrant): boolean {
    const place = this.waiting.indexOf(entrant);
    return place >= 0 && this.waiting.splice(place, 1).length > 0;
  }

  private admit({ response, begin }: Entrant): void {
    this.working += 1;
    response.once('close', () => this.leave());
    begin();
  }

  private leave(): void {
    this.working -= 1;
    const next = this.waiting.shift();
    if (next !== undefined) {
      this.admit(next);
    }
  }
}
