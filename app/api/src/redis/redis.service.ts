import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Address, Settings } from '../settings/settings';
import { RedisConnection, type RedisPeer } from './redis-connection';
import { masterOf, Sentinels } from './sentinels';

@Injectable()
export class RedisService implements OnApplicationShutdown {
  readonly commands: RedisConnection;
  /** A connection of its own, which is never behind what others ask. */
  readonly subscriptions: RedisConnection;
  /** Likewise: WAIT lets everything behind it wait for the replicas too. */
  readonly acknowledgedWrites: RedisConnection;
  private readonly sentinels: Sentinels | undefined;

  constructor({ redis }: Settings) {
    this.sentinels = redis.sentinels && new Sentinels(redis.sentinels);
    const peer: RedisPeer = this.sentinels ? masterOf(this.sentinels, redis) : standalone(redis);
    this.commands = new RedisConnection(peer, 'commands');
    this.subscriptions = new RedisConnection(peer, 'subscriptions');
    this.acknowledgedWrites = redis.acknowledgingReplicas > 0 ? new RedisConnection(peer, 'writes') : this.commands;

    this.sentinels?.open();
    for (const connection of this.connections) {
      this.sentinels?.follow((master) => connection.moveTo(master));
      connection.open();
    }
  }

  /** Not onModuleDestroy: requests that are still being answered need their sessions. */
  onApplicationShutdown(): void {
    this.connections.forEach((connection) => connection.close());
    this.sentinels?.close();
  }

  private get connections(): Set<RedisConnection> {
    return new Set([this.commands, this.subscriptions, this.acknowledgedWrites]);
  }
}

function standalone({ host, port, username, password }: Address & Pick<RedisPeer, 'username' | 'password'>): RedisPeer {
  return { username, password, locate: () => Promise.resolve({ host, port }) };
}
