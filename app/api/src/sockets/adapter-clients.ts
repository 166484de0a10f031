import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { RedisConnection } from '../redis/redis-connection';
import type { RedisService } from '../redis/redis.service';

type Listener = (message: Buffer, channel: Buffer) => void;

const RETRY_SUBSCRIPTION_MS = 500;

const logger = new Logger('SocketIoRedis');

/**
 * The two clients that @socket.io/redis-adapter asks for. It looks at no promise that it is given: a rejected one
 * would end the process, and a subscription that got lost in an outage would never be made up for.
 */
export function adapterClients({ commands, subscriptions }: RedisService) {
  const ignoreEvents = { on: () => undefined, off: () => undefined };
  const publisher = {
    ...ignoreEvents,
    /** The adapter takes its presence for the sign of a client that returns promises. */
    pSubscribe: () => undefined,
    /** A lost publication is no lost message: it is stored, and clients fetch what they missed. */
    publish: (channel: string, message: Buffer | string) => {
      commands.client.publish(channel, message).catch((error: unknown) => {
        logger.warn(`The other instances did not hear of a message: ${String(error)}`);
      });
    },
  };
  const subscriber = {
    ...ignoreEvents,
    pSubscribe: (pattern: string, listener: Listener) =>
      subscribePersistently(subscriptions, () => subscriptions.client.pSubscribe(pattern, listener, true)),
    subscribe: (channels: string[], listener: Listener) =>
      subscribePersistently(subscriptions, () => subscriptions.client.subscribe(channels, listener, true)),
    // The connection closes next, and its subscriptions with it.
    pUnsubscribe: () => undefined,
    unsubscribe: () => undefined,
  };
  return { publisher, subscriber };
}

async function subscribePersistently(connection: RedisConnection, subscribe: () => Promise<void>): Promise<void> {
  while (await connection.ready()) {
    try {
      await subscribe();
      return;
    } catch (error) {
      logger.warn(`A subscription failed: ${String(error)}`);
      await sleep(RETRY_SUBSCRIPTION_MS, undefined, { ref: false });
    }
  }
}
