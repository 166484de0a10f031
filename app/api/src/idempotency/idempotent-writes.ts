import { setTimeout as sleep } from 'node:timers/promises';
import { HttpStatus, Injectable, UnprocessableEntityException } from '@nestjs/common';
import { isUniqueViolation, isWriteConflict } from '../database/database-errors';
import { PrismaService, type Transaction } from '../database/prisma.service';
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

const CONFLICT_ATTEMPTS = 5;
const CONFLICT_PAUSE_MS = 20;

type ClaimedCreation = Creation & { key: string };

class KeyTakenError extends Error {}

/**
 * Runs creations so that a repetition with the same key returns the first one's answer and does nothing.
 *
 * The key is inserted first, in the transaction of the effect: a concurrent repetition waits on the unique index
 * until the first one commits (and is then told its answer) or rolls back (and then does the work itself). On
 * Galera two nodes can insert the same key; one of them fails certification as a deadlock and tries again. No
 * lock outside the transaction is needed, so none can be left behind by an instance that dies.
 *
 * Only success is remembered. A refusal changed nothing, and may well be decided otherwise the next time.
 */
@Injectable()
export class IdempotentWrites {
  private readonly fingerprint: Fingerprint;

  constructor(
    private readonly prisma: PrismaService,
    settings: Settings,
  ) {
    this.fingerprint = new Fingerprint(settings.session.secret);
  }

  async run<T extends object>(creation: Creation, effect: (transaction: Transaction) => Promise<T>): Promise<Outcome<T>> {
    return retryOnConflict(() => (isClaimed(creation) ? this.once(creation, effect) : this.plainly(effect)));
  }

  private async plainly<T extends object>(effect: (transaction: Transaction) => Promise<T>): Promise<Outcome<T>> {
    return new Outcome(HttpStatus.CREATED, await this.prisma.$transaction(effect), false);
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
    // createMany, for create would read the row back.
    await transaction.idempotencyKey.createMany({ data: { ownerId, key, fingerprint, status: HttpStatus.CREATED, body: '' } });
  } catch (error) {
    throw isUniqueViolation(error) ? new KeyTakenError() : error;
  }
}

async function remember(transaction: Transaction, { ownerId, key }: ClaimedCreation, body: object): Promise<void> {
  await transaction.idempotencyKey.updateMany({ where: { ownerId, key }, data: { body: JSON.stringify(body) } });
}

export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isWriteConflict(error) || attempts === CONFLICT_ATTEMPTS) {
        throw error;
      }
      // Apart, or the two that collided would collide again.
      await sleep(attempts * CONFLICT_PAUSE_MS * Math.random());
    }
  }
}

function isClaimed(creation: Creation): creation is ClaimedCreation {
  return creation.key !== undefined;
}
