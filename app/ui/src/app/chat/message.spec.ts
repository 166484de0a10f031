import { describe, expect, it } from 'vitest';
import { mergeMessages, type Message } from './message';

const message = (id: number): Message => ({
  id,
  roomId: 1,
  author: { id: 1, username: 'anna' },
  text: `message ${id}`,
  createdAt: '2026-11-23T09:00:00.000Z',
});
const ids = (messages: readonly Message[]): number[] => messages.map(({ id }) => id);

describe('mergeMessages', () => {
  it('orders by id, as numbers', () => {
    expect(ids(mergeMessages([message(9)], [message(10), message(2)]))).toEqual([2, 9, 10]);
  });

  it('keeps a message once that came by history and live', () => {
    expect(ids(mergeMessages([message(1), message(2)], [message(2), message(3)]))).toEqual([
      1, 2, 3,
    ]);
  });

  it('puts older history before what is known', () => {
    expect(ids(mergeMessages([message(50)], [message(48), message(49)]))).toEqual([48, 49, 50]);
  });

  it('gives the very same list when nothing is new, so that nothing is drawn again', () => {
    const known = [message(1), message(2)];
    expect(mergeMessages(known, [message(2)])).toBe(known);
  });
});
