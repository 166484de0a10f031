import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import type { Pool } from 'mariadb';
import { Prisma, PrismaClient } from '../generated/prisma/client';
import { Patience } from '../patience/patience';
import { Settings } from '../settings/settings';
import { ConnectionPool } from './connection-pool';

export type Transaction = Prisma.TransactionClient;

/**
 * Prisma's own limits stay out of it: every statement of a transaction keeps the deadline of its request, and a
 * ROLLBACK that Prisma's timer sends between two statements of one operation lets the second see what never was.
 */
const NEVER_MS = 2 ** 31 - 1;

@Injectable()
export class PrismaService extends PrismaClient implements OnApplicationShutdown {
  private readonly pool: ConnectionPool;

  constructor({ database }: Settings, patience: Patience) {
    const pool = new ConnectionPool(
      {
        host: database.host,
        port: database.port,
        user: database.user,
        password: database.password,
        database: database.name,
        // Prisma's statements differ by their number of parameters: a cache of them would only grow.
        prepareCacheLength: 0,
        // No initSql, sessionVariables or collation: should their statement fail, as when the server goes down at that
        // moment, the driver leaves a rejected promise behind, which would end the process.
      },
      database.poolSize,
      patience,
    );
    super({
      // What the adapter uses of a pool, this one has.
      adapter: new PrismaMariaDb(pool as unknown as Pool, {
         database: database.name,
         disposeExternalPool: true,
         // One packet for each statement instead of three: prepare, execute, close.
         useTextProtocol: true,
       }),
      errorFormat: 'minimal',
      transactionOptions: { maxWait: NEVER_MS, timeout: NEVER_MS },
    });
    this.pool = pool;
  }

  /** When a statement was last answered, by performance.now(). */
  get answeredAt(): number {
    return this.pool.answeredAt;
  }

  /** Not onModuleDestroy: that runs while requests are still being answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
  }
}
