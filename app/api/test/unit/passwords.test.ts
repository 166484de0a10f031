import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { PasswordHasher } from '../../src/auth/password-hasher';
import { UnavailableError } from '../../src/http/problem';

describe('PasswordHasher', () => {
  const passwords = new PasswordHasher();

  it('knows a password again, and only that one', async () => {
    const hash = await passwords.hash('correct horse');
    assert.match(hash, /^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    assert.equal(await passwords.verify('correct horse', hash), true);
    assert.equal(await passwords.verify('correct horsE', hash), false);
  });

  it('salts', async () => {
    assert.notEqual(await passwords.hash('correct horse'), await passwords.hash('correct horse'));
  });

  it('takes the cost from the hash, so that it can be raised for new ones', async () => {
    const salt = Buffer.from('0123456789abcdef');
    const key = scryptSync('correct horse', salt, 32, { N: 16, r: 8, p: 1 });
    const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
    assert.equal(await passwords.verify('correct horse', `$scrypt$ln=4,r=8,p=1$${base64(salt)}$${base64(key)}`), true);
  });

  it('takes one password for the same however its letters were composed', async () => {
    assert.equal(await passwords.verify('cafe\u0301 at noon', await passwords.hash('caf\u00e9 at noon')), true);
  });

  it('takes as long for a user who does not exist', async () => {
    const hash = await passwords.hash('correct horse');
    const known = await timed(() => passwords.verify('wrong horse', hash));
    const unknown = await timed(() => passwords.verify('wrong horse'));
    // Without the work it would be a thousandth.
    assert.ok(unknown > known / 4, `${unknown} ms against ${known} ms`);
  });

  it('says so when too many wait', async () => {
    const flood = await Promise.allSettled(Array.from({ length: 40 }, () => passwords.verify('x', '$scrypt$ln=4,r=8,p=1$AAAA$AAAA')));
    const refused = flood.filter((result) => result.status === 'rejected');
    assert.equal(refused.length, 40 - 31);
    assert.ok(refused.every(({ reason }) => reason instanceof UnavailableError));
  });

  it('does not take a malformed hash for a wrong password', async () => {
    await assert.rejects(passwords.verify('x', 'plain text'), /not in the format/);
  });
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
