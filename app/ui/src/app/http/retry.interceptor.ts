import {
  HttpContextToken,
  HttpErrorResponse,
  type HttpInterceptorFn,
  type HttpRequest,
} from '@angular/common/http';
import { retry, throwError, timeout, TimeoutError, timer } from 'rxjs';
import { IDEMPOTENCY_KEY_HEADER } from './idempotency-key';
import { ATTEMPT_TIMEOUT_MS, isRepeatable, isTransient, retryDelay } from './retry-policy';

/** For a POST that creates nothing, so that doing it twice is the same as once. */
export const HARMLESS = new HttpContextToken<boolean>(() => false);

export const retryInterceptor: HttpInterceptorFn = (request, next) => {
  const attempt = next(request).pipe(timeout({ each: ATTEMPT_TIMEOUT_MS }));
  if (!mayBeRepeated(request)) return attempt;
  return attempt.pipe(
    retry({
      delay: (error: unknown, attempts) => {
        const delay = failedInTransit(error) ? retryDelay(attempts) : undefined;
        return delay === undefined ? throwError(() => error) : timer(delay);
      },
    }),
  );
};

/** Whether an error leaves open what became of the request. */
export function failedInTransit(error: unknown): boolean {
  return (
    error instanceof TimeoutError ||
    (error instanceof HttpErrorResponse && isTransient(error.status))
  );
}

function mayBeRepeated(request: HttpRequest<unknown>): boolean {
  return isRepeatable(request.method, {
    idempotencyKey: request.headers.has(IDEMPOTENCY_KEY_HEADER),
    harmless: request.context.get(HARMLESS),
  });
}
