import { Controller, Get, Logger, ServiceUnavailableException } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service';
import { Deadline } from '../patience/deadline';
import { Patience } from '../patience/patience';
import { RedisService } from '../redis/redis.service';
import { Settings } from '../settings/settings';
import { Drain } from '../shutdown/drain';

interface Health {
  status: 'ok';
  instance: string;
}

/** Less than a load balancer waits for the answer: what is wrong is a part's fault then, not this instance's. */
const PART_TIMEOUT_MS = 300;
/** A part that just answered a request need not be asked: its answer would wait behind those of all requests. */
const RECENT_MS = 500;
const PARTS = ['database', 'redis'] as const;

@Controller('health')
export class HealthController {
  private readonly logger = new Logger(HealthController.name);
  private readonly healthy: Health;
  private look: Promise<PromiseSettledResult<unknown>[]> | undefined;

  constructor(
    { instanceName }: Settings,
    private readonly prisma: PrismaService,
    private readonly redis: RedisService,
    private readonly drain: Drain,
    private readonly patience: Patience,
  ) {
    this.healthy = { status: 'ok', instance: instanceName };
  }

  @Get('live')
  live(): Health {
    return this.healthy;
  }

  @Get('ready')
  async ready(): Promise<Health> {
    if (this.drain.signal.aborted) {
      throw new ServiceUnavailableException('This instance is stopping.');
    }
    // One look for all who ask meanwhile: of a database that hangs, each would take a connection.
    this.look ??= this.lookAtParts().finally(() => {
      this.look = undefined;
    });
    const results = await this.look;
    const failed = PARTS.filter((_, index) => results[index]?.status === 'rejected');
    if (failed.length > 0) {
      this.logger.debug(results);
      throw new ServiceUnavailableException(`Does not answer: ${failed.join(', ')}.`);
    }
    return this.healthy;
  }

  private lookAtParts(): Promise<PromiseSettledResult<unknown>[]> {
    const recent = performance.now() - RECENT_MS;
    return Promise.allSettled([
      this.prisma.answeredAt < recent && this.patience.until(new Deadline(PART_TIMEOUT_MS), async () => this.prisma.$queryRaw`SELECT 1`),
      this.redis.commands.answeredAt < recent && this.redis.commands.ping(PART_TIMEOUT_MS),
    ]);
  }
}
