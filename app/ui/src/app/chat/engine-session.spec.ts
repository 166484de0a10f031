import { describe, expect, it } from 'vitest';
import { instanceOf } from './engine-session';

describe('instanceOf', () => {
  it.each([
    ['api-2.Xy9_kQ', 'api-2'],
    ['api.eu.example.Xy9_kQ', 'api.eu.example'],
  ])('reads %s as %s', (id, instance) => {
    expect(instanceOf(id)).toBe(instance);
  });

  it.each([undefined, '', 'Xy9_kQ', '.Xy9_kQ'])('does not invent a name for %j', (id) => {
    expect(instanceOf(id)).toBe('an unnamed backend');
  });
});
