import { Controller, Get, Logger, ServiceUnavailableException } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service';
import { RedisService } from '../redis/redis.service';
import { within } from '../redis/within';
import { Settings } from '../settings/settings';
import { Drain } from '../shutdown/drain';

interface Health {
  status: 'ok';
  instance: string;
}

const PART_TIMEOUT_MS = 1_000;

@Controller('health')
export class HealthController {
  private readonly logger = new Logger(HealthController.name);
  private readonly healthy: Health;

  constructor(
    { instanceName }: Settings,
    private readonly prisma: PrismaService,
    private readonly redis: RedisService,
    private readonly drain: Drain,
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
    const parts = {
      database: within(PART_TIMEOUT_MS, this.prisma.$queryRaw`SELECT 1`, 'The database does not answer'),
      redis: this.redis.commands.ping(PART_TIMEOUT_MS),
    };
    const results = await Promise.allSettled(Object.values(parts));
    const failed = Object.keys(parts).filter((_, index) => results[index]?.status === 'rejected');
    if (failed.length > 0) {
      this.logger.debug(results);
      throw new ServiceUnavailableException(`Does not answer: ${failed.join(', ')}.`);
    }
    return this.healthy;
  }
}
