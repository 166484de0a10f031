import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { Admission } from '../../src/http/admission';
import { UnavailableError } from '../../src/http/problem';
import { Patience } from '../../src/patience/patience';
import type { Settings } from '../../src/settings/settings';

const PATIENCE = new Patience({ dependencyPatienceMs: 100 } as Settings);

/** Requests that arrive one after the other where two are worked on at once; who was begun, in this order. */
class Desk {
  readonly begun: number[] = [];
  readonly refused: number[] = [];
  private readonly admission = new Admission({ database: { poolSize: 2 } } as Settings, PATIENCE);
  private readonly responses: EventEmitter[] = [];

  arrive(count: number, left = false): void {
    for (let number = this.responses.length; count > 0; number += 1, count -= 1) {
      const response = new EventEmitter();
      this.responses.push(response);
      this.admission.use({ socket: { destroyed: left } } as Request, response as Response, (error?: unknown) => {
        (error instanceof UnavailableError ? this.refused : this.begun).push(number);
      });
    }
  }

  onBegin(begin: () => void): void {
    const response = new EventEmitter() as Response;
    this.admission.use({ socket: { destroyed: false } } as Request, response, begin);
  }

  /** Answered, or its sender has left: the connection tells the same. */
  close(number: number): void {
    this.responses[number]?.emit('close');
  }
}

describe('Admission', () => {
  it('works on as many as the database serves at once', () => {
    const desk = new Desk();
    desk.arrive(4);
    assert.deepEqual(desk.begun, [0, 1]);
  });

  it('takes those that wait in their order', () => {
    const desk = new Desk();
    desk.arrive(5);
    desk.close(1);
    desk.close(0);
    desk.close(2);
    assert.deepEqual(desk.begun, [0, 1, 2, 3, 4]);
  });

  it('does not work for those who left while they waited', () => {
    const desk = new Desk();
    desk.arrive(4);
    desk.close(2);
    desk.close(0);
    assert.deepEqual(desk.begun, [0, 1, 3]);
  });

  it('does not work for those who left before they came to it, nor keep a place for them', () => {
    const desk = new Desk();
    desk.arrive(3, true);
    desk.arrive(1);
    assert.deepEqual(desk.begun, [3]);
  });

  it('has its places free again when all is answered', () => {
    const desk = new Desk();
    desk.arrive(2);
    desk.close(0);
    desk.close(1);
    desk.arrive(3);
    assert.deepEqual(desk.begun, [0, 1, 2, 3]);
  });

  it('refuses those whose patience ends while they wait, and only those', async () => {
    const desk = new Desk();
    desk.arrive(4);
    desk.close(3);
    await sleep(130);
    assert.deepEqual(desk.refused, [2]);
    desk.close(0);
    desk.arrive(1);
    assert.deepEqual(desk.begun, [0, 1, 4]);
  });

  it('begins a request as itself, whoever made room for it', () => {
    const desk = new Desk();
    const current = new AsyncLocalStorage<string>();
    let begunAs: string | undefined;
    desk.arrive(2);
    current.run('the third', () => desk.onBegin(() => (begunAs = current.getStore())));
    current.run('the first', () => desk.close(0));
    assert.equal(begunAs, 'the third');
  });
});
