import { Logger } from '@nestjs/common';
import type { RedisService } from '../redis/redis.service';

type Listener = (message: Buffer, channel: Buffer) => void;

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
      commands.run((client) => client.publish(channel, message)).catch((error: unknown) => {
        logger.warn(`The other instances did not hear of a message: ${String(error)}`);
      });
    },
  };
  const subscriber = {
    ...ignoreEvents,
    pSubscribe: (pattern: string, listener: Listener) =>
      subscriptions.subscribe((client) => client.pSubscribe(pattern, listener, true)),
    subscribe: (channels: string[], listener: Listener) =>
      subscriptions.subscribe((client) => client.subscribe(channels, listener, true)),
    // The connection closes next, and its subscriptions with it.
    pUnsubscribe: () => undefined,
    unsubscribe: () => undefined,
  };
  return { publisher, subscriber };
}
