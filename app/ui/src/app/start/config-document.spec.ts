import { describe, expect, it } from 'vitest';
import { readApiUrl } from './config-document';

describe('readApiUrl', () => {
  it('gives the address without trailing slashes', () => {
    expect(readApiUrl({ apiUrl: 'http://localhost:3001/' })).toBe('http://localhost:3001');
    expect(readApiUrl({ apiUrl: 'https://gym.example/api//' })).toBe('https://gym.example/api');
  });

  it.each([
    null,
    'http://localhost:3001',
    {},
    { apiUrl: 3001 },
    { apiUrl: '' },
    { apiUrl: '/api' },
    { apiUrl: 'localhost:3001' },
    { apiUrl: 'javascript:alert(1)' },
  ])('refuses %j and says what is expected', (document) => {
    expect(() => readApiUrl(document)).toThrow(/config\.json must give "apiUrl"/);
  });
});
