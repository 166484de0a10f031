import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnavailableError } from '../../src/http/problem';
import { WorkLimit } from '../../src/auth/work-limit';

describe('WorkLimit', () => {
  it('runs as many at once as it may, the rest in their order', async () => {
    const limit = new WorkLimit(2, 10, 'full');
    const started: number[] = [];
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<undefined>());
    const runs = gates.map(({ promise }, index) =>
      limit.run(() => {
        started.push(index);
        return promise;
      }),
    );
    await turn();
    assert.deepEqual(started, [0, 1]);
    gates[1]?.resolve(undefined);
    await turn();
    assert.deepEqual(started, [0, 1, 2]);
    gates.forEach(({ resolve }) => resolve(undefined));
    await Promise.all(runs);
    assert.deepEqual(started, [0, 1, 2, 3, 4]);
  });

  it('takes no more than may wait', async () => {
    const limit = new WorkLimit(1, 1, 'full');
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const taken = [limit.run(() => promise), limit.run(() => promise)];
    await assert.rejects(limit.run(() => promise), UnavailableError);
    resolve(undefined);
    await Promise.all(taken);
  });

  it('goes on after a failure', async () => {
    const limit = new WorkLimit(1, 1, 'full');
    await assert.rejects(limit.run(() => Promise.reject(new Error('broken'))), /broken/);
    assert.equal(await limit.run(() => Promise.resolve('fine')), 'fine');
  });
});

async function turn(): Promise<void> {
  await new Promise(setImmediate);
}
