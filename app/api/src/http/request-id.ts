import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export const REQUEST_ID_HEADER = 'X-Request-Id';

/** As much as is needed of a request, be it Express's or Node's own. */
export interface Requested {
  headers: IncomingHttpHeaders;
}

const WELL_FORMED = /^[A-Za-z0-9._-]{1,128}$/;
const requestIds = new WeakMap<Requested, string>();

/** Takes the caller's id over, so that one id follows a request through the load balancer's log and ours. */
export function requestIdOf(request: Requested): string {
  const known = requestIds.get(request);
  if (known !== undefined) {
    return known;
  }
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && WELL_FORMED.test(given) ? given : randomUUID();
  requestIds.set(request, id);
  return id;
}
