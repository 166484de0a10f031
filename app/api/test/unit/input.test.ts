import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ArgumentMetadata, NotFoundException, type Type } from '@nestjs/common';
import { HistoryDto, SendDto } from '../../src/chat/chat.dto';
import { IdPipe } from '../../src/http/id.pipe';
import { isForeignOrigin } from '../../src/http/origin';
import { InvalidInputError } from '../../src/http/problem';
import { requestIdOf } from '../../src/http/request-id';
import { inputValidation } from '../../src/http/validation.pipe';
import { RegistrationDto } from '../../src/auth/auth.dto';
import { WorkoutDto, WorkoutPageDto } from '../../src/workouts/workout.dto';

const SQUAT = { name: 'Squat', sets: 5, repetitions: 5, weightKg: 102.5 };
const LEG_DAY = { name: 'Leg day', performedOn: '2026-11-20', notes: 'heavy', exercises: [SQUAT] };

async function accept(metatype: Type, value: unknown, type: ArgumentMetadata['type'] = 'body'): Promise<unknown> {
  return inputValidation.transform(value, { type, metatype });
}

async function pointersOf(metatype: Type, value: unknown, type: ArgumentMetadata['type'] = 'body'): Promise<string[]> {
  try {
    await accept(metatype, value, type);
    return [];
  } catch (error) {
    assert(error instanceof InvalidInputError);
    return [...new Set(error.faults.map(({ pointer }) => pointer))].sort();
  }
}

describe('a workout', () => {
  it('is taken as it is', async () => {
    assert.deepEqual(JSON.parse(JSON.stringify(await accept(WorkoutDto, LEG_DAY))), LEG_DAY);
  });

  it('needs neither notes nor exercises', async () => {
    const { notes, exercises } = (await accept(WorkoutDto, { name: 'Run', performedOn: '2026-11-20' })) as WorkoutDto;
    assert.equal(notes, '');
    assert.deepEqual(exercises, []);
  });

  const wrong: [string, object, string[]][] = [
    ['a day that does not exist', { performedOn: '2026-02-30' }, ['#/performedOn']],
    ['a time', { performedOn: '2026-11-20T10:00:00Z' }, ['#/performedOn']],
    ['an unknown field', { name2: 'x' }, ['#/name2']],
    ['null for notes', { notes: null }, ['#/notes']],
    ['an exercise that is none', { exercises: [SQUAT, 4] }, ['#/exercises/1']],
    ['half a set', { exercises: [{ ...SQUAT, sets: 2.5 }] }, ['#/exercises/0/sets']],
    ['grams', { exercises: [{ ...SQUAT, weightKg: 1.2345 }] }, ['#/exercises/0/weightKg']],
    ['too many exercises', { exercises: Array.from({ length: 51 }, () => SQUAT) }, ['#/exercises']],
  ];
  for (const [what, change, pointers] of wrong) {
    it(`may not have ${what}`, async () => {
      assert.deepEqual(await pointersOf(WorkoutDto, { ...LEG_DAY, ...change }), pointers);
    });
  }
});

describe('a page', () => {
  it('is the first twenty by default', async () => {
    assert.deepEqual({ ...((await accept(WorkoutPageDto, {}, 'query')) as object) }, { page: 1, pageSize: 20 });
  });

  it('is read from the query', async () => {
    assert.deepEqual(await pointersOf(WorkoutPageDto, { page: '2', pageSize: '100' }, 'query'), []);
    assert.deepEqual(await pointersOf(WorkoutPageDto, { page: 'x', pageSize: '101' }, 'query'), ['#/page', '#/pageSize']);
  });
});

describe('a registration', () => {
  it('needs a plain name and a password of some length', async () => {
    assert.deepEqual(await pointersOf(RegistrationDto, { username: 'anna', password: 'correct horse' }), []);
    assert.deepEqual(await pointersOf(RegistrationDto, { username: 'an na', password: 'short' }), ['#/password', '#/username']);
  });
});

describe('a message', () => {
  it('says something, in a room', async () => {
    assert.deepEqual(await pointersOf(SendDto, { roomId: 1, text: 'hi', idempotencyKey: 'k' }), []);
    assert.deepEqual(await pointersOf(SendDto, { roomId: 0, text: ' \n', idempotencyKey: '' }), [
      '#/idempotencyKey',
      '#/roomId',
      '#/text',
    ]);
  });

  it('is found by numbers', async () => {
    assert.deepEqual(await pointersOf(HistoryDto, { after: '0', limit: '200' }, 'query'), []);
    assert.deepEqual(await pointersOf(HistoryDto, { after: '-1', limit: '201' }, 'query'), ['#/after', '#/limit']);
  });
});

describe('an id', () => {
  it('is a number that MariaDB could have given', () => {
    assert.equal(new IdPipe().transform('4294967295'), 4_294_967_295);
  });

  for (const value of ['0', '-1', '1.5', 'abc', '4294967296', '1e3', '']) {
    it(`is not ${JSON.stringify(value)}, and nothing is found under it`, () => {
      assert.throws(() => new IdPipe().transform(value), NotFoundException);
    });
  }
});

describe('a request id', () => {
  it('is taken over when it is well-formed', () => {
    assert.equal(requestIdOf({ headers: { 'x-request-id': 'abc-123' } }), 'abc-123');
  });

  it('is made otherwise, once for a request', () => {
    const request = { headers: { 'x-request-id': 'a b\n' } };
    assert.match(requestIdOf(request), /^[0-9a-f-]{36}$/);
    assert.equal(requestIdOf(request), requestIdOf(request));
  });
});

describe('an origin', () => {
  it('is foreign unless it is the UI, or none at all', () => {
    assert.equal(isForeignOrigin('http://localhost', 'http://localhost'), false);
    assert.equal(isForeignOrigin(undefined, 'http://localhost'), false);
    assert.equal(isForeignOrigin('http://localhost:81', 'http://localhost'), true);
    assert.equal(isForeignOrigin('null', 'http://localhost'), true);
  });
});
