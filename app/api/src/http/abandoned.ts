import type { IncomingMessage } from 'node:http';

/**
 * Go on, unless whoever asked has gone meanwhile: a load balancer that lost its patience asks elsewhere, and work that
 * nobody waits for is what keeps an overloaded instance overloaded.
 */
export function unlessAbandoned(request: IncomingMessage, next: () => void): void {
  if (!request.socket.destroyed) {
    next();
  }
}
