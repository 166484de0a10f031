import { EMPTY, expand, type Observable } from 'rxjs';
import type { Message } from './message';

export const HISTORY_LIMIT = 50;

/**
 * Ids are handed out before their transactions commit, so a smaller one can become
 * visible after a larger one. Asking again for the last few finds such latecomers.
 */
const OVERLAP = 20;

/** Everything after a message, page by page until a page is not full. */
export function messagesAfter(
  lastId: number,
  fetch: (after: number) => Observable<readonly Message[]>,
): Observable<readonly Message[]> {
  return fetch(Math.max(0, lastId - OVERLAP)).pipe(
    expand((page) => {
      const last = page.at(-1);
      return last && page.length >= HISTORY_LIMIT ? fetch(last.id) : EMPTY;
    }),
  );
}
