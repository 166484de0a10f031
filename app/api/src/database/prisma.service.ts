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
/** Below SOCKET_TIMEOUT_MS: waiting for another's lock must not look like a dead server. */
const LOCK_WAIT_TIMEOUT_SECONDS = 3;

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
        minimumIdle: 1,
        connectTimeout: CONNECT_TIMEOUT_MS,
        acquireTimeout: ACQUIRE_TIMEOUT_MS,
        socketTimeout: SOCKET_TIMEOUT_MS,
        initSql: `SET SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_TIMEOUT_SECONDS}`,
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
