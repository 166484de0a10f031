import { describe, expect, it } from 'vitest';
import { exerciseLoad, pageCount, pageNumber, today } from './workout';

describe('today', () => {
  it('is the local calendar day, at both ends of it', () => {
    expect(today(new Date(2026, 0, 5, 0, 0, 1))).toBe('2026-01-05');
    expect(today(new Date(2026, 10, 23, 23, 59, 59))).toBe('2026-11-23');
  });
});

describe('exerciseLoad', () => {
  const squat = { name: 'Squat', sets: 3, repetitions: 8, weightKg: 82.5 };

  it('gives sets, repetitions and weight', () => {
    expect(exerciseLoad(squat)).toBe('3 × 8 × 82.5 kg');
  });

  it('leaves out a weight of zero', () => {
    expect(exerciseLoad({ ...squat, weightKg: 0 })).toBe('3 × 8');
  });
});

describe('pageCount', () => {
  it.each([
    [0, 1],
    [1, 1],
    [20, 1],
    [21, 2],
  ])('for %i workouts is %i', (total, pages) => {
    expect(pageCount({ total, pageSize: 20 })).toBe(pages);
  });
});

describe('pageNumber', () => {
  it.each([
    ['3', 3],
    [undefined, 1],
    ['', 1],
    ['0', 1],
    ['-2', 1],
    ['1.5', 1],
    ['two', 1],
  ])('reads %j as %i', (text, page) => {
    expect(pageNumber(text)).toBe(page);
  });
});
