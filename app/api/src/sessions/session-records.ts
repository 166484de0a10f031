import { UnavailableError } from '../http/problem';
import type { Patience } from '../patience/patience';
import type { RedisClient } from '../redis/redis-connection';
import { isRedisUnavailable } from '../redis/redis-errors';
import type { RedisService } from '../redis/redis.service';
import { within } from '../redis/within';

const REPLICA_TIMEOUT_MS = 500;

type SetOptions = Parameters<RedisClient['set']>[2];

/**
 * The client that connect-redis asks for. A session is read from whichever connection there is; one that is made or
 * ended, which is all that this application writes, is so only when the replicas know it: whoever was told of a login
 * would else be logged out by a failover, and whoever logged out be logged in again.
 */
export class SessionRecords {
  constructor(
    private readonly redis: RedisService,
    private readonly patience: Patience,
    private readonly acknowledgingReplicas: number,
  ) {}

  get(key: string): Promise<string | null> {
    return this.patience.retry(() => this.redis.commands.run((client) => this.inTime(client.get(key))), isRedisUnavailable);
  }

  set(key: string, value: string, options: SetOptions): Promise<string | null> {
    return this.write((client) => client.set(key, value, options));
  }

  del(keys: string[]): Promise<number> {
    return this.write((client) => client.del(keys));
  }

  private write<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    return this.patience.retry(() => this.redis.acknowledgedWrites.run((client) => this.acknowledged(client, command)), isRedisUnavailable);
  }

  private async acknowledged<T>(client: RedisClient, command: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.acknowledgingReplicas === 0) {
      return this.inTime(command(client));
    }
    // WAIT speaks of what its own connection wrote before. Both are sent at once, so that they cannot be parted.
    const timeoutMs = Math.ceil(Math.min(this.patience.deadline.limitMs, REPLICA_TIMEOUT_MS));
    const [result, replicas] = await this.inTime(Promise.all([command(client), client.wait(this.acknowledgingReplicas, timeoutMs)]));
    if (replicas < this.acknowledgingReplicas) {
      throw new UnavailableError(`Redis has the session on ${replicas} of ${this.acknowledgingReplicas} replicas.`);
    }
    return result;
  }

  private inTime<T>(answer: Promise<T>): Promise<T> {
    return within(this.patience.deadline.limitMs, answer, 'Redis does not answer');
  }
}
