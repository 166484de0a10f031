import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';

/** How long the listener stays open after the stop began, for the load balancer to see it coming. */
export const DRAIN_MS = 2_000;

/** From its begin on, this instance is not ready and every answer asks the peer to close the connection. */
@Injectable()
export class Drain {
  private readonly controller = new AbortController();
  private readonly unanswered = new Set<ServerResponse>();
  readonly signal = this.controller.signal;

  track(response: ServerResponse): void {
    if (this.signal.aborted) {
      closeAfter(response);
      return;
    }
    this.unanswered.add(response);
    response.once('close', () => this.unanswered.delete(response));
  }

  begin(): void {
    this.controller.abort();
    this.unanswered.forEach(closeAfter);
    this.unanswered.clear();
  }
}

function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) {
    response.setHeader('Connection', 'close');
  }
}
