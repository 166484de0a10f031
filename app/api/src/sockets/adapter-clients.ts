import { Logger } from '@nestjs/common';
import type { Patience } from '../patience/patience';
import { isRedisUnavailable } from '../redis/redis-errors';
import type { RedisService } from '../redis/redis.service';

type Listener = (message: Buffer, channel: Buffer) => void;

const logger = new Logger('SocketIoRedis');

/**
 * The two clients that @socket.io/redis-adapter asks for. It looks at no promise that it is given: a rejected one
 * would end the process, and a subscription that got lost in an outage would never be made up for.
 *
 * `onSubscribed` is called whenever the subscription to all broadcasts is there: what was published while it was not,
 * this instance has not heard.
 */
export function adapterClients(
  { commands, subscriptions }: Pick<RedisService, 'commands' | 'subscriptions'>,
  patience: Patience,
  onSubscribed: () => void,
) {
  const ignoreEvents = { on: () => undefined, off: () => undefined };
  const publisher = {
    ...ignoreEvents,
    /** The adapter takes its presence for the sign of a client that returns promises. */
    pSubscribe: () => undefined,
    publish: (channel: string, message: Buffer | string) => {
      const attempt = () => commands.run((client) => client.publish(channel, message));
      patience.apart(() => patience.retry(attempt, isRedisUnavailable)).catch((error: unknown) => {
        logger.warn(`The other instances did not hear of a message: ${String(error)}`);
      });
    },
  };
  const subscriber = {
    ...ignoreEvents,
    pSubscribe: (pattern: string, listener: Listener) =>
      subscriptions.subscribe(async (client) => {
        await client.pSubscribe(pattern, listener, true);
        onSubscribed();
      }),
    subscribe: (channels: string[], listener: Listener) =>
      subscriptions.subscribe((client) => client.subscribe(channels, listener, true)),
    // The connection closes next, and its subscriptions with it.
    pUnsubscribe: () => undefined,
    unsubscribe: () => undefined,
  };
  return { publisher, subscriber };
}
