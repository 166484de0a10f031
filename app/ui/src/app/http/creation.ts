import type { HttpClient } from '@angular/common/http';
import { firstValueFrom } from 'rxjs';
import { type CreationKey, IDEMPOTENCY_KEY_HEADER } from './idempotency-key';
import { failedInTransit } from './retry.interceptor';

/** Creates something exactly once, however often the person or the network repeats it. */
export async function create<T>(
  http: HttpClient,
  path: string,
  payload: unknown,
  key: CreationKey,
): Promise<T> {
  const headers = { [IDEMPOTENCY_KEY_HEADER]: key.for(payload) };
  try {
    const created = await firstValueFrom(http.post<T>(path, payload, { headers }));
    key.settle();
    return created;
  } catch (error) {
    if (!failedInTransit(error)) key.settle();
    throw error;
  }
}
