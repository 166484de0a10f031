import { createHmac, hkdfSync } from 'node:crypto';

/**
 * Tells whether two requests are the same one. Keyed, for a registration's payload holds a password, and a
 * plain fast hash of it in the database would undo the slow hash next to it.
 */
export class Fingerprint {
  private readonly key: Buffer;

  constructor(secret: string) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'idempotency fingerprint', 32));
  }

  of(operation: string, payload: object): Buffer<ArrayBuffer> {
    return createHmac('sha256', this.key).update(JSON.stringify([operation, payload])).digest();
  }
}
