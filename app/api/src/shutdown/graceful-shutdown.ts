import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Settings } from '../settings/settings';
import { Drain, DRAIN_MS } from './drain';

/**
 * Nest closes the listener after this hook and then waits for the answers under way; Redis and the database go
 * last, in onApplicationShutdown.
 */
@Injectable()
export class GracefulShutdown implements BeforeApplicationShutdown {
  private readonly logger = new Logger(GracefulShutdown.name);

  constructor(
    private readonly settings: Settings,
    private readonly drain: Drain,
  ) {}

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    const { shutdownTimeoutSeconds } = this.settings;
    this.logger.log(`Stopping on ${signal ?? 'request'}`);
    setTimeout(() => {
      this.logger.error(`Not stopped after ${shutdownTimeoutSeconds} s, giving up what is still under way`);
      process.exit(1);
    }, shutdownTimeoutSeconds * 1000).unref();
    this.drain.begin();
    await sleep(Math.min(DRAIN_MS, shutdownTimeoutSeconds * 500));
  }
}
