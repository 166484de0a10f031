import { describe, expect, it } from 'vitest';
import { problemText } from './problem-text';

describe('problemText', () => {
  it('prefers the detail to the title', () => {
    expect(problemText(409, { title: 'Conflict', detail: 'This name is taken.' })).toBe(
      'This name is taken.',
    );
  });

  it('falls back to the title', () => {
    expect(problemText(409, { title: 'Conflict', detail: ' ' })).toBe('Conflict');
  });

  it('adds what is wrong with each field', () => {
    const body = {
      detail: 'The input is not valid.',
      errors: [
        { pointer: '#/username', detail: 'username must not be empty' },
        { pointer: '#/password', detail: 'password is too short' },
      ],
    };
    expect(problemText(400, body)).toBe(
      'The input is not valid. Username must not be empty. Password is too short.',
    );
  });

  it.each([undefined, null, '<html>Bad Gateway</html>', { errors: 'none' }])(
    'makes do with the status when the body is %j',
    (body) => {
      expect(problemText(500, body)).toBe('The server answered 500.');
    },
  );

  it('leaves out a load balancer\'s status, which means nothing to a person', () => {
    expect(problemText(502, '<html>Bad Gateway</html>')).toMatch(/does not answer right now/);
  });

  it('says that nobody answered', () => {
    expect(problemText(0, undefined)).toMatch(/does not answer/);
  });
});
