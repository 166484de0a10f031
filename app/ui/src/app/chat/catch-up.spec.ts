import { lastValueFrom, type Observable, of, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { HISTORY_LIMIT, messagesAfter } from './catch-up';
import type { Message } from './message';

const message = (id: number): Message => ({
  id,
  roomId: 1,
  author: { id: 1, username: 'anna' },
  text: '',
  createdAt: '2026-11-23T09:00:00.000Z',
});

/** A room that holds the messages 1 to `count`. */
const room =
  (count: number, asked: number[] = []) =>
  (after: number): Observable<readonly Message[]> => {
    asked.push(after);
    const ids = Array.from({ length: count }, (_, index) => index + 1);
    return of(ids.filter((id) => id > after).slice(0, HISTORY_LIMIT).map(message));
  };

const found = async (pages: Observable<readonly Message[]>): Promise<Set<number>> =>
  new Set((await lastValueFrom(pages.pipe(toArray()))).flat().map(({ id }) => id));

describe('messagesAfter', () => {
  it('leaves no gap, however many pages were missed', async () => {
    const ids = await found(messagesAfter(100, room(350)));
    for (let id = 101; id <= 350; id++) expect(ids).toContain(id);
  });

  it('asks once when little was missed', async () => {
    const asked: number[] = [];
    await found(messagesAfter(100, room(103, asked)));
    expect(asked).toHaveLength(1);
  });

  it('looks back a little for smaller ids that were committed later', async () => {
    expect(await found(messagesAfter(100, room(100)))).toContain(99);
  });

  it('ends after a full last page', async () => {
    const asked: number[] = [];
    await found(messagesAfter(0, room(HISTORY_LIMIT, asked)));
    expect(asked).toEqual([0, HISTORY_LIMIT]);
  });

  it('passes an error on, so that the caller knows the gap remains', async () => {
    const failing = messagesAfter(0, () => throwError(() => new Error('no answer')));
    await expect(found(failing)).rejects.toThrow('no answer');
  });
});
