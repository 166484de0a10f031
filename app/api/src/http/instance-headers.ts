import { REQUEST_ID_HEADER, type Requested, requestIdOf } from './request-id';

export const SERVED_BY_HEADER = 'X-Served-By';
export const REPLAYED_HEADER = 'Idempotency-Replayed';

/** Scripts of another origin see only these headers, and the UI shows who served it. */
export const EXPOSED_HEADERS = [SERVED_BY_HEADER, REQUEST_ID_HEADER, REPLAYED_HEADER];

export function instanceHeaders(instanceName: string, request: Requested): Record<string, string> {
  return { [SERVED_BY_HEADER]: instanceName, [REQUEST_ID_HEADER]: requestIdOf(request) };
}
