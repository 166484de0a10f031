import { HttpStatus, Injectable, UnprocessableEntityException } from '@nestjs/common';
import { isDatabaseUnavailable, isUniqueViolation, isWriteConflict } from '../database/database-errors';
import { PrismaService, type Transaction } from '../database/prisma.service';
import { Patience } from '../patience/patience';
import { Settings } from '../settings/settings';
import { Fingerprint } from './fingerprint';
import { Outcome } from './outcome';

export interface Creation {
  /** undefined: the caller did not ask for idempotency. */
  key: string | undefined;
  /** Whose key it is; two users may choose the same one. NOBODY for those who have not logged in. */
  ownerId: number;
  /** What is done to what. The same key for another operation or payload is refused. */
  operation: string;
  payload: object;
}

export const NOBODY = 0;

type ClaimedCreation = Creation & { key: string };

class KeyTakenError extends Error {}

/**
 * Runs creations so that a repetition with the same key returns the first one's answer and does nothing.
 *
 * The key is inserted first, in the transaction of the effect: a concurrent repetition waits on the unique index
 * until the first one commits (and is then told its answer) or rolls back (and then does the work itself). On
 * Galera two nodes can insert the same key; one of them fails certification as a deadlock and tries again. No
 * lock outside the transaction is needed, so none can be left behind by an instance that dies. For the same reason
 * it may be tried again after a failure of which nobody knows whether it was one: the key tells.
 *
 * Only success is remembered. A refusal changed nothing, and may well be decided otherwise the next time.
 */
@Injectable()
export class IdempotentWrites {
  private readonly fingerprint: Fingerprint;

  constructor(
    private readonly prisma: PrismaService,
    private readonly patience: Patience,
    settings: Settings,
  ) {
    this.fingerprint = new Fingerprint(settings.session.secret);
  }

  async run<T extends object>(creation: Creation, effect: (transaction: Transaction) => Promise<T>): Promise<Outcome<T>> {
    return isClaimed(creation) ? this.repeat(() => this.once(creation, effect)) : this.plainly(effect);
  }

  /** For what may be done again whatever became of it the last time. The attempt is told how many failed before. */
  repeat<T>(attempt: (failures: number) => Promise<T>): Promise<T> {
    return this.patience.retry(attempt, isDatabaseUnavailable);
  }

  /** Without a key, a COMMIT that was sent may have been done: only of a conflict it is known that it was not. */
  private async plainly<T extends object>(effect: (transaction: Transaction) => Promise<T>): Promise<Outcome<T>> {
    let committing = false;
    const attempt = async (): Promise<T> => {
      committing = false;
      return this.prisma.$transaction(async (transaction) => {
        const body = await effect(transaction);
        committing = true;
        return body;
      });
    };
    const body = await this.patience.retry(attempt, (error) => (committing ? isWriteConflict(error) : isDatabaseUnavailable(error)));
    return new Outcome(HttpStatus.CREATED, body, false);
  }

  private async once<T extends object>(creation: ClaimedCreation, effect: (transaction: Transaction) => Promise<T>): Promise<Outcome<T>> {
    const fingerprint = this.fingerprint.of(creation.operation, creation.payload);
    try {
      return await this.prisma.$transaction(async (transaction) => {
        await claim(transaction, creation, fingerprint);
        const body = await effect(transaction);
        await remember(transaction, creation, body);
        return new Outcome(HttpStatus.CREATED, body, false);
      });
    } catch (error) {
      if (error instanceof KeyTakenError) {
        return this.replay<T>(creation, fingerprint);
      }
      throw error;
    }
  }

  /** Outside the transaction that failed: its snapshot may be older than the row it collided with. */
  private async replay<T extends object>({ ownerId, key }: ClaimedCreation, fingerprint: Buffer): Promise<Outcome<T>> {
    const first = await this.prisma.idempotencyKey.findUniqueOrThrow({ where: { ownerId_key: { ownerId, key } } });
    if (!fingerprint.equals(first.fingerprint)) {
      throw new UnprocessableEntityException('This Idempotency-Key was used for another request.');
    }
    return new Outcome(first.status, JSON.parse(first.body) as T, true);
  }
}

async function claim(transaction: Transaction, { ownerId, key }: ClaimedCreation, fingerprint: Buffer<ArrayBuffer>): Promise<void> {
  try {
    await transaction.$executeRaw`
      INSERT INTO idempotency_keys (owner_id, idempotency_key, fingerprint, status, body)
        VALUES (${ownerId}, ${key}, ${fingerprint}, ${HttpStatus.CREATED}, '')`;
  } catch (error) {
    throw isUniqueViolation(error) ? new KeyTakenError() : error;
  }
}

async function remember(transaction: Transaction, { ownerId, key }: ClaimedCreation, body: object): Promise<void> {
  await transaction.$executeRaw`
    UPDATE idempotency_keys SET body = ${JSON.stringify(body)} WHERE owner_id = ${ownerId} AND idempotency_key = ${key}`;
}

function isClaimed(creation: Creation): creation is ClaimedCreation {
  return creation.key !== undefined;
}
