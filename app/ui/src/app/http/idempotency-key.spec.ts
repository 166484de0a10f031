import { describe, expect, it } from 'vitest';
import { CreationKey, newIdempotencyKey } from './idempotency-key';

const insecureContext = {
  getRandomValues: crypto.getRandomValues.bind(crypto),
};

describe('newIdempotencyKey', () => {
  it.each([
    ['secure', crypto],
    ['insecure', insecureContext],
  ])('makes distinct keys that the API accepts in a %s context', (_name, random) => {
    const keys = Array.from({ length: 100 }, () => newIdempotencyKey(random));
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f-]{32,64}$/);
  });
});

describe('CreationKey', () => {
  it('stays the same while the same payload is not settled', () => {
    const key = new CreationKey();
    expect(key.for({ name: 'Legs' })).toBe(key.for({ name: 'Legs' }));
  });

  it('changes with the payload', () => {
    const key = new CreationKey();
    expect(key.for({ name: 'Legs' })).not.toBe(key.for({ name: 'Back' }));
  });

  it('changes once settled, so that the same thing can be created twice on purpose', () => {
    const key = new CreationKey();
    const first = key.for({ name: 'Legs' });
    key.settle();
    expect(key.for({ name: 'Legs' })).not.toBe(first);
  });
});
