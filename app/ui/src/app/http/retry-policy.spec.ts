import { describe, expect, it } from 'vitest';
import { isRepeatable, isTransient, RETRY_DELAYS_MS, retryDelay } from './retry-policy';

describe('isTransient', () => {
  it.each([0, 502, 503, 504])('holds for %i', (status) => {
    expect(isTransient(status)).toBe(true);
  });

  it.each([200, 400, 401, 404, 409, 422, 429, 500])('does not hold for %i', (status) => {
    expect(isTransient(status)).toBe(false);
  });
});

describe('isRepeatable', () => {
  const plain = { idempotencyKey: false, harmless: false };

  it.each(['GET', 'PUT', 'DELETE'])('holds for %s by its method', (method) => {
    expect(isRepeatable(method, plain)).toBe(true);
  });

  it('holds for POST only with a key or when declared harmless', () => {
    expect(isRepeatable('POST', plain)).toBe(false);
    expect(isRepeatable('POST', { ...plain, idempotencyKey: true })).toBe(true);
    expect(isRepeatable('POST', { ...plain, harmless: true })).toBe(true);
  });
});

describe('retryDelay', () => {
  it('stays within a quarter of the planned delay', () => {
    RETRY_DELAYS_MS.forEach((planned, index) => {
      expect(retryDelay(index + 1, () => 0)).toBe(planned * 0.75);
      expect(retryDelay(index + 1, () => 1)).toBe(planned * 1.25);
    });
  });

  it('ends', () => {
    expect(retryDelay(RETRY_DELAYS_MS.length + 1)).toBeUndefined();
  });
});
