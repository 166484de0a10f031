import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidInputError } from '../../src/http/problem';
import { Fingerprint } from '../../src/idempotency/fingerprint';
import { readIdempotencyKey } from '../../src/idempotency/idempotency-key.decorator';
import { retryOnConflict } from '../../src/idempotency/idempotent-writes';
import { commitConflict } from './errors';

describe('Fingerprint', () => {
  const fingerprint = new Fingerprint('a secret');
  const hex = (operation: string, payload: object, of = fingerprint): string => of.of(operation, payload).toString('hex');

  it('is the same for the same request', () => {
    assert.equal(hex('create room', { name: 'a' }), hex('create room', { name: 'a' }));
  });

  it('differs by operation, by payload and by secret', () => {
    const prints = [
      hex('create room', { name: 'a' }),
      hex('create workout', { name: 'a' }),
      hex('create room', { name: 'b' }),
      hex('create room', { name: 'a' }, new Fingerprint('another secret')),
    ];
    assert.equal(new Set(prints).size, prints.length);
  });
});

describe('Idempotency-Key', () => {
  it('is optional', () => {
    assert.equal(readIdempotencyKey(undefined), undefined);
  });

  for (const key of ['a', 'with space', '~'.repeat(64)]) {
    it(`may be ${JSON.stringify(key)}`, () => {
      assert.equal(readIdempotencyKey(key), key);
    });
  }

  for (const key of ['', 'a'.repeat(65), 'tab\t', 'ü']) {
    it(`may not be ${JSON.stringify(key)}`, () => {
      assert.throws(() => readIdempotencyKey(key), InvalidInputError);
    });
  }
});

describe('retryOnConflict', () => {
  it('tries again until a conflict is over', async () => {
    let attempts = 0;
    const result = await retryOnConflict(() => {
      attempts += 1;
      return attempts < 3 ? Promise.reject(commitConflict()) : Promise.resolve('done');
    });
    assert.equal(result, 'done');
    assert.equal(attempts, 3);
  });

  it('gives up in the end', async () => {
    let attempts = 0;
    await assert.rejects(
      retryOnConflict(() => {
        attempts += 1;
        return Promise.reject(commitConflict());
      }),
    );
    assert.equal(attempts, 5);
  });

  it('repeats nothing that failed for another reason: it may have been done', async () => {
    let attempts = 0;
    await assert.rejects(
      retryOnConflict(() => {
        attempts += 1;
        return Promise.reject(new Error('connection lost'));
      }),
      /connection lost/,
    );
    assert.equal(attempts, 1);
  });
});
