import { UnavailableError } from '../http/problem';
import { whenOverdue } from '../patience/overdue';

/** The promise's result, or an UnavailableError after `timeoutMs`. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, message: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const overdue = whenOverdue(timeoutMs, () => reject(new UnavailableError(`${message} within ${Math.round(timeoutMs)} ms.`)));
    promise.then(resolve, reject).finally(overdue.cancel);
  });
}
