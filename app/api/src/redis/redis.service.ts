import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../settings/settings';
import { RedisConnection } from './redis-connection';

@Injectable()
export class RedisService implements OnApplicationShutdown {
  readonly commands: RedisConnection;
  /** A connection of its own: one that has subscribed can do nothing else. */
  readonly subscriptions: RedisConnection;

  constructor({ redis }: Settings) {
    this.commands = new RedisConnection(redis, 'commands');
    this.subscriptions = new RedisConnection(redis, 'subscriptions');
    this.commands.open();
    this.subscriptions.open();
  }

  /** Not onModuleDestroy: requests that are still being answered need their sessions. */
  onApplicationShutdown(): void {
    this.commands.close();
    this.subscriptions.close();
  }
}
