import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { Prisma, PrismaClient } from '../generated/prisma/client';
import { Settings } from '../settings/settings';

export type Transaction = Prisma.TransactionClient;

const CONNECT_TIMEOUT_MS = 1_000;
const ACQUIRE_TIMEOUT_MS = 2_500;
/** Above ACQUIRE_TIMEOUT_MS, or Prisma gives up first and the log lacks the driver's reason. */
const TRANSACTION_START_TIMEOUT_MS = 3_000;
const SOCKET_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_SECONDS = 3;

@Injectable()
export class PrismaService extends PrismaClient implements OnApplicationShutdown {
  constructor({ database }: Settings) {
    super({
      adapter: new PrismaMariaDb({
        host: database.host,
        port: database.port,
        user: database.user,
        password: database.password,
        database: database.name,
        connectionLimit: database.poolSize,
        // The driver times out an idle socket too, so the pool has to close its connections before that.
        minimumIdle: 1,
        idleTimeout: IDLE_TIMEOUT_SECONDS,
        connectTimeout: CONNECT_TIMEOUT_MS,
        acquireTimeout: ACQUIRE_TIMEOUT_MS,
        socketTimeout: SOCKET_TIMEOUT_MS,
        // No initSql or sessionVariables: should one fail, as when the server goes down at that moment, the driver
        // leaves a rejected promise behind, which would end the process.
      }),
      errorFormat: 'minimal',
      transactionOptions: { maxWait: TRANSACTION_START_TIMEOUT_MS, timeout: SOCKET_TIMEOUT_MS },
    });
  }

  /** Not onModuleDestroy: that runs while requests are still being answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
  }
}
