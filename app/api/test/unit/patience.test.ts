import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { Deadline, LEAST_MS } from '../../src/patience/deadline';
import { whenOverdue } from '../../src/patience/overdue';
import { Patience } from '../../src/patience/patience';
import type { Settings } from '../../src/settings/settings';

const PATIENCE_MS = 200;
const always = (): boolean => true;

function patience(dependencyPatienceMs = PATIENCE_MS): Patience {
  return new Patience({ dependencyPatienceMs } as Settings);
}

async function timed(work: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work.catch(() => undefined);
  return performance.now() - started;
}

describe('Deadline', () => {
  it('has nothing left when it is over, but a moment for what is begun', async () => {
    const deadline = new Deadline(20);
    assert.ok(deadline.remainingMs > 0 && deadline.remainingMs <= 20);
    await sleep(30);
    assert.equal(deadline.remainingMs, 0);
    assert.equal(deadline.limitMs, LEAST_MS);
  });
});

describe('whenOverdue', () => {
  it('lets an answer count that came while the process stood still', async () => {
    let isOverdue = false;
    const overdue = whenOverdue(20, () => {
      isOverdue = true;
    });
    setImmediate(overdue.cancel);
    const until = performance.now() + 50;
    while (performance.now() < until);
    await sleep(20);
    assert.equal(isOverdue, false);
  });
});

describe('Patience', () => {
  it('tries again until it succeeds, and tells how often it failed', async () => {
    const failures: number[] = [];
    const result = await patience().retry((count) => {
      failures.push(count);
      return count < 2 ? Promise.reject(new Error('passing')) : Promise.resolve('done');
    }, always);
    assert.equal(result, 'done');
    assert.deepEqual(failures, [0, 1, 2]);
  });

  it('fails as it failed last when the time is up, and not later', async () => {
    const work = patience().retry((count) => Promise.reject(new Error(`failure ${count > 0 ? 'again' : 'first'}`)), always);
    await assert.rejects(work, /failure again/);
    const took = await timed(patience().retry(() => Promise.reject(new Error('away')), always));
    assert.ok(took >= PATIENCE_MS / 2 && took <= PATIENCE_MS + 150, `${took}`);
  });

  it('does not try again what failed for good', async () => {
    let attempts = 0;
    const work = patience().retry(() => {
      attempts += 1;
      return Promise.reject(new Error('for good'));
    }, (error) => (error as Error).message !== 'for good');
    await assert.rejects(work, /for good/);
    assert.equal(attempts, 1);
  });

  it('has one deadline for all that a request does', async () => {
    const impatient = patience();
    const away = (): Promise<void> => impatient.retry(() => Promise.reject(new Error('away')), always);
    const twice = impatient.until(new Deadline(PATIENCE_MS), () => away().catch(away));
    assert.ok((await timed(twice)) <= PATIENCE_MS + 150);
  });

  it('begins with the request', () => {
    const given = patience();
    let remaining = 0;
    given.use({} as Request, new EventEmitter() as Response, () => {
      remaining = given.deadline.remainingMs;
    });
    assert.ok(remaining > PATIENCE_MS - 50 && remaining <= PATIENCE_MS);
  });

  it('ends when whoever asked has left', async () => {
    const response = new EventEmitter() as Response;
    let work = Promise.resolve();
    const given = patience();
    given.use({} as Request, response, () => {
      work = given.retry(() => Promise.reject(new Error('away')), always);
    });
    response.emit('close');
    assert.ok((await timed(work)) < PATIENCE_MS / 2);
  });
});
