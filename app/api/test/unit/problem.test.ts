import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotFoundException } from '@nestjs/common';
import { isWriteConflict } from '../../src/database/database-errors';
import { InvalidInputError, toProblem, UnavailableError } from '../../src/http/problem';
import { commitConflict, driver, known, rawKnown } from './errors';

describe('toProblem', () => {
  const cases: [string, Error, number][] = [
    ['what a handler refuses', new NotFoundException('gone'), 404],
    ['wrong input', new InvalidInputError([]), 400],
    ['a session store that is away', new UnavailableError('away'), 503],
    ['a body that Express could not read', Object.assign(new Error('too large'), { status: 413 }), 413],
    ['a full pool', driver(45_028), 503],
    ['a socket that closed in a query', known('ECONNRESET'), 503],
    ['a transaction that could not start', known('P2028'), 503],
    ['a wait for a lock', driver(1205), 503],
    ['a database that is read-only', driver(1290), 503],
    ['a database with too many connections', known('P2039', { driverAdapterError: { cause: { kind: 'TooManyConnections' } } }), 503],
    ['a connection that was killed, by the driver itself', Object.assign(new Error('killed'), { errno: 1927 }), 503],
    ['a statement that is wrong, by the driver itself', Object.assign(new Error('syntax'), { errno: 1064 }), 500],
    ['a Galera node without quorum', driver(1047), 503],
    ['a conflict that outlasted every attempt', commitConflict(), 503],
    ['a row that refers to nothing', known('P2003'), 409],
    ['a row that is there already', rawKnown('UniqueConstraintViolation'), 409],
    ['a row in SQL that refers to nothing', rawKnown('ForeignKeyConstraintViolation'), 409],
    ['a statement that is wrong', driver(1064), 500],
    ['a mistake of ours', new TypeError('undefined is not a function'), 500],
  ];
  for (const [what, error, status] of cases) {
    it(`makes ${what} ${status}`, () => {
      const problem = toProblem(error);
      assert.equal(problem.status, status);
      assert.equal(problem.type, 'about:blank');
      assert.ok(problem.title.length > 0);
    });
  }

  it('keeps what went wrong inside to itself', () => {
    assert.ok(!JSON.stringify(toProblem(new Error('the secret is 42'))).includes('42'));
  });

  it('tells which fields are wrong', () => {
    const errors = [{ pointer: '#/name', detail: 'is missing' }];
    assert.deepEqual(toProblem(new InvalidInputError(errors)).errors, errors);
  });
});

describe('isWriteConflict', () => {
  it('knows a deadlock in a statement and a certification conflict at COMMIT', () => {
    assert.equal(isWriteConflict(known('P2034')), true);
    assert.equal(isWriteConflict(rawKnown('TransactionWriteConflict')), true);
    assert.equal(isWriteConflict(commitConflict()), true);
    assert.equal(isWriteConflict(Object.assign(new Error('deadlock'), { errno: 1213 })), true);
  });

  it('is not a lost connection: what it did is unknown', () => {
    assert.equal(isWriteConflict(known('ECONNRESET')), false);
    assert.equal(isWriteConflict(driver(1205)), false);
  });
});
