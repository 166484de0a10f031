import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service';

const HOUR_MS = 3_600_000;
const KEEP_MS = 24 * HOUR_MS;
/** Small transactions, as Galera replicates each as a whole. */
const BATCH = 500;

/** Forgets keys after a day: no client tries again for so long, and the table would grow for ever. */
@Injectable()
export class KeyRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(KeyRetention.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly prisma: PrismaService) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.forgetOldKeys(), HOUR_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async forgetOldKeys(): Promise<void> {
    const where = { createdAt: { lt: new Date(Date.now() - KEEP_MS) } };
    try {
      let forgotten: number;
      do {
        ({ count: forgotten } = await this.prisma.idempotencyKey.deleteMany({ where, limit: BATCH }));
      } while (forgotten === BATCH);
    } catch (error) {
      this.logger.warn(error, 'Old idempotency keys stay until the next hour');
    }
  }
}
