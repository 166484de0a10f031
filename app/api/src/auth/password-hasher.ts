import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';
import { WorkLimit } from './work-limit';

const deriveKey = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/**
 * One of the equivalent settings of the OWASP Password Storage Cheat Sheet (N=2^15, r=8, p=3). It takes 32 MiB
 * while it runs; the first setting there (N=2^17, p=1) would take 128 of the 160 that an instance may have. Less is
 * not better: what is below 32 MiB, glibc keeps for each of the four threads once it was used; above, it is
 * mapped and given back (DEFAULT_MMAP_THRESHOLD_MAX in mallopt(3)).
 */
const COST = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** One, for memory's sake; a longer queue would outlast the client's patience. */
const CONCURRENT_HASHES = 1;
const WAITING_HASHES = 30;

/** The PHC string format: $scrypt$ln=15,r=8,p=3$<salt>$<key>, so that the cost can be raised later. */
const FORMAT = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

@Injectable()
export class PasswordHasher {
  private readonly limit = new WorkLimit(CONCURRENT_HASHES, WAITING_HASHES, 'Too many people are logging in at this moment.');
  private readonly hashOfNobody = format(COST, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return format(COST, salt, await this.derive(password, salt, KEY_BYTES, COST));
  }

  /** Without a hash (no such user) it works just as long, so that the time does not tell who has an account. */
  async verify(password: string, hash: string = this.hashOfNobody): Promise<boolean> {
    const [, ln, r, p, salt, key] = FORMAT.exec(hash) ?? [];
    if (salt === undefined || key === undefined) {
      throw new Error('A stored password hash is not in the format $scrypt$ln=,r=,p=$salt$key');
    }
    const expected = Buffer.from(key, 'base64');
    const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
    return timingSafeEqual(await this.derive(password, Buffer.from(salt, 'base64'), expected.length, cost), expected);
  }

  private async derive(password: string, salt: Buffer, length: number, { ln, r, p }: typeof COST): Promise<Buffer> {
    const N = 2 ** ln;
    // Node refuses unless maxmem exceeds 128 * N * r, which is what the algorithm itself needs.
    const options = { N, r, p, maxmem: 2 * 128 * N * r };
    // NFKC, for the same password typed on two keyboards may differ in its code points (NIST SP 800-63B).
    return this.limit.run(() => deriveKey(password.normalize('NFKC'), salt, length, options));
  }
}

function format({ ln, r, p }: typeof COST, salt: Buffer, key: Buffer): string {
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(key)}`;
}
