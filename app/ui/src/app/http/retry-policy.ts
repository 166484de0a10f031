/** Together longer than a load balancer needs to notice a lost backend. */
export const RETRY_DELAYS_MS: readonly number[] = [250, 500, 1000, 2000];

/** A backend that hangs would otherwise hold the request for as long as the browser likes. */
export const ATTEMPT_TIMEOUT_MS = 10_000;

const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([0, 502, 503, 504]);

/** HTTP's own idempotent methods, as far as this application uses them. */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(['GET', 'PUT', 'DELETE']);

/** Status 0 is the browser's word for "no answer at all". */
export function isTransient(status: number): boolean {
  return TRANSIENT_STATUSES.has(status);
}

export function isRepeatable(
  method: string,
  { idempotencyKey, harmless }: { idempotencyKey: boolean; harmless: boolean },
): boolean {
  return IDEMPOTENT_METHODS.has(method) || idempotencyKey || harmless;
}

/** Spread by half, so that the clients of a lost backend do not come back all at once. */
export function retryDelay(attempt: number, random: () => number = Math.random): number | undefined {
  const delay = RETRY_DELAYS_MS[attempt - 1];
  return delay === undefined ? undefined : delay * (0.75 + random() / 2);
}
