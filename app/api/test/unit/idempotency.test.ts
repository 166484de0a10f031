import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictException } from '@nestjs/common';
import type { PrismaService } from '../../src/database/prisma.service';
import { InvalidInputError } from '../../src/http/problem';
import { Fingerprint } from '../../src/idempotency/fingerprint';
import { readIdempotencyKey } from '../../src/idempotency/idempotency-key.decorator';
import { IdempotentWrites } from '../../src/idempotency/idempotent-writes';
import type { Outcome } from '../../src/idempotency/outcome';
import { Patience } from '../../src/patience/patience';
import type { Settings } from '../../src/settings/settings';
import { commitConflict, driver, known } from './errors';

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

/** Attempts that fail as they are told, in this order, and then succeed. */
class Attempts {
  count = 0;
  private readonly faults: Error[];

  constructor(...faults: Error[]) {
    this.faults = faults;
  }

  next(): { id: number } {
    this.count += 1;
    const fault = this.faults.shift();
    if (fault !== undefined) {
      throw fault;
    }
    return { id: this.count };
  }
}

describe('a creation', () => {
  const lost = known('ECONNRESET');
  const patience = new Patience({ dependencyPatienceMs: 300 } as Settings);
  const creation = { key: undefined, ownerId: 1, operation: 'create', payload: {} };

  /** Without a key: what the effect and what the COMMIT do. */
  function create(effects: Attempts, commits: Attempts): Promise<Outcome<{ id: number }>> {
    const prisma = {
      $transaction: async (work: (transaction: object) => Promise<object>) => {
        const result = await work({});
        commits.next();
        return result;
      },
    };
    const settings = { session: { secret: 'a secret' } } as Settings;
    const writes = new IdempotentWrites(prisma as unknown as PrismaService, patience, settings);
    return writes.run(creation, () => Promise.resolve().then(() => effects.next()));
  }

  it('is tried again when it broke off before its COMMIT', async () => {
    const [effects, commits] = [new Attempts(lost, driver(1047)), new Attempts()];
    assert.deepEqual((await create(effects, commits)).body, { id: 3 });
    assert.equal(commits.count, 1);
  });

  it('is tried again when its COMMIT was refused', async () => {
    const [effects, commits] = [new Attempts(), new Attempts(commitConflict(), commitConflict())];
    assert.deepEqual((await create(effects, commits)).body, { id: 3 });
  });

  it('without a key is not tried again once its COMMIT had no answer: it may be done', async () => {
    const [effects, commits] = [new Attempts(), new Attempts(lost)];
    await assert.rejects(create(effects, commits), lost);
    assert.deepEqual([effects.count, commits.count], [1, 1]);
  });

  it('is not tried again when it was refused for good', async () => {
    const effects = new Attempts(new ConflictException('taken'));
    await assert.rejects(create(effects, new Attempts()), ConflictException);
    assert.equal(effects.count, 1);
  });
});
