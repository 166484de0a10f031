import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { createClient } from 'redis';
import { UnavailableError } from '../http/problem';
import { whenOverdue } from '../patience/overdue';
import type { Address } from '../settings/settings';
import { isFromNoMaster } from './redis-errors';
import { within } from './within';

export type RedisClient = ReturnType<typeof newClient>;

/** Whom to connect to, asked anew for every connection, for it may have moved. */
export interface RedisPeer {
  readonly username: string;
  /** '': it asks for none. */
  readonly password: string;
  locate(): Promise<Address>;
  /** Fails if who answers there is not who was looked for. */
  verify?(client: RedisClient): Promise<void>;
}

type Subscription = (client: RedisClient) => Promise<void>;

const CONNECT_TIMEOUT_MS = 1_000;
const LOCATE_AGAIN_MS = 200;
const RECONNECT_AT_MOST_MS = 250;
const PROBE_EVERY_MS = 1_000;
const PROBE_TIMEOUT_MS = 1_500;
const PENDING_COMMANDS = 1_000;

/**
 * One connection that mends itself, each time by a new client: a client of node-redis stays with the address that it
 * was made for, and one that is kept never answers a command on another connection than the one that was asked, which
 * WAIT depends on.
 */
export class RedisConnection {
  /** When a command was last answered, by performance.now(). */
  answeredAt = -Infinity;
  private client: RedisClient | undefined;
  private address: Address | undefined;
  private readonly subscriptions: Subscription[] = [];
  private readonly logger = new Logger(RedisConnection.name);
  private readonly stopping = new AbortController();
  /** Ends the attempt to connect that is under way. */
  private attempt = new AbortController();
  private lastFault: string | undefined;

  constructor(
    private readonly peer: RedisPeer,
    private readonly name: string,
  ) {}

  /** Returns at once: an instance starts without Redis and is not ready until it is there. */
  open(): void {
    void this.stayConnected();
    void this.watch();
  }

  close(): void {
    this.stopping.abort();
    this.leave();
  }

  /** Fails at once while there is no connection, and when the connection breaks before the answer. */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    const { client } = this;
    if (client === undefined) {
      throw new UnavailableError('Redis is not connected.');
    }
    try {
      const answer = await command(client);
      this.answeredAt = performance.now();
      return answer;
    } catch (error) {
      if (isFromNoMaster(error) && client === this.client) {
        this.report(error);
        void this.follow();
      }
      throw error;
    }
  }

  async ping(timeoutMs: number): Promise<void> {
    await this.run((client) => within(timeoutMs, client.ping(), 'Redis does not answer'));
  }

  /** Made now, and again on every later connection. */
  subscribe(subscription: Subscription): void {
    this.subscriptions.push(subscription);
    if (this.client !== undefined) {
      subscription(this.client).catch((error: unknown) => {
        this.report(error);
        this.leave();
      });
    }
  }

  /** The peer is said to be there now. */
  moveTo({ host, port }: Address): void {
    if (this.address !== undefined && (this.address.host !== host || this.address.port !== port)) {
      this.leave();
    }
  }

  /** Goes where the peer is, should it be elsewhere or not be what it was: a new connection looks into both. */
  private async follow(): Promise<void> {
    const { client } = this;
    try {
      this.moveTo(await this.peer.locate());
      await (client && this.peer.verify?.(client));
    } catch (error) {
      this.report(error);
      if (client === this.client) {
        this.leave();
      }
    }
  }

  private leave(): void {
    this.attempt.abort();
    if (this.client?.isOpen) {
      this.client.destroy();
    }
  }

  private async stayConnected(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted; failures += 1) {
      this.attempt = new AbortController();
      try {
        const client = await this.connect(this.attempt.signal);
        const lost = endOf(client);
        this.client = client;
        this.lastFault = undefined;
        failures = -1;
        this.logger.log(`Redis (${this.name}) is connected to ${this.address?.host}:${this.address?.port}`);
        await lost;
      } catch (error) {
        this.report(error);
        const pause = Math.min(25 * 2 ** failures, RECONNECT_AT_MOST_MS) * (0.5 + Math.random() / 2);
        // Once it has moved, there is nothing to wait for.
        await sleep(pause, undefined, { signal: AbortSignal.any([signal, this.attempt.signal]), ref: false }).catch(() => undefined);
      }
      this.client = undefined;
    }
  }

  private async connect(given: AbortSignal): Promise<RedisClient> {
    this.address = await this.peer.locate();
    given.throwIfAborted();
    const client = newClient(this.peer, this.address);
    client.on('error', (error) => this.report(error));
    const ready = this.prepare(client);
    // Also one that comes too late.
    const abandon = (): void => {
      if (client.isOpen) {
        client.destroy();
      }
    };
    const aborted = new Promise<never>((_resolve, reject) => {
      given.addEventListener('abort', () => reject(new Error('It has moved.')), { once: true });
    });
    // Sentinels name a new master before they tell of the switch; what fails here, the next attempt tells.
    const locateAgain = (): void => void this.peer.locate().then((peer) => this.moveTo(peer), () => undefined);
    const locating = setInterval(locateAgain, LOCATE_AGAIN_MS);
    try {
      return await Promise.race([ready, aborted]);
    } catch (error) {
      ready.then(abandon, abandon);
      throw error;
    } finally {
      clearInterval(locating);
    }
  }

  private async prepare(client: RedisClient): Promise<RedisClient> {
    // The client's own limit is for the socket alone, but a server that hangs is connected to by its kernel.
    let limit: { cancel: () => void } | undefined;
    client.once('connect', () => {
      limit = whenOverdue(CONNECT_TIMEOUT_MS, () => client.isOpen && client.destroy());
    });
    try {
      await client.connect();
      await this.peer.verify?.(client);
      await Promise.all(this.subscriptions.map((subscription) => subscription(client)));
      // A subscription may have got over it, but nobody would ever hear of the end of a client that has ended already.
      if (!client.isOpen) {
        throw new UnavailableError('Redis was not ready in time.');
      }
      return client;
    } finally {
      limit?.cancel();
    }
  }

  /** The client would wait for ever on a connection that went silent: nothing but an unanswered PING shows that. */
  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(PROBE_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      const { client } = this;
      if (client !== undefined) {
        await this.ping(PROBE_TIMEOUT_MS).catch((error: unknown) => {
          this.report(error);
          if (client === this.client) {
            this.leave();
          }
        });
      }
    }
  }

  /** The same fault at every attempt is one line, not one a second. */
  private report(error: unknown): void {
    const fault = String(error);
    if (fault !== this.lastFault && !this.stopping.signal.aborted) {
      this.lastFault = fault;
      this.logger.warn(`Redis (${this.name}): ${fault}`);
    }
  }
}

function endOf(client: RedisClient): Promise<void> {
  return new Promise((resolve) => {
    client.once('end', () => resolve());
    client.once('error', () => {
      if (client.isOpen) {
        client.destroy();
      }
      resolve();
    });
  });
}

function newClient({ username, password }: RedisPeer, { host, port }: Address) {
  return createClient({
    // Subscribed and asked on the same connection, which the older protocol does not allow.
    RESP: 3,
    ...(password !== '' && { username, password }),
    socket: { host, port, connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false },
    // While it is down commands fail at once, instead of piling up for as long as that takes.
    disableOfflineQueue: true,
    commandsQueueMaxLength: PENDING_COMMANDS,
    // CLIENT SETINFO and CLIENT MAINT_NOTIFICATIONS would be more commands that the ACL has to allow.
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
}
