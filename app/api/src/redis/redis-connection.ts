import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { createClient } from 'redis';
import type { Settings } from '../settings/settings';
import { within } from './within';

export type RedisClient = ReturnType<typeof newClient>;

const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_AT_MOST_MS = 1_000;
const PROBE_EVERY_MS = 1_000;
const PROBE_TIMEOUT_MS = 1_500;
const PENDING_COMMANDS = 1_000;

/**
 * One connection that mends itself. The client reconnects when a connection breaks, but would wait for ever
 * on one that only went silent (a hung server, a partition): nothing but an unanswered PING shows that.
 */
export class RedisConnection {
  readonly client: RedisClient;
  private readonly logger = new Logger(RedisConnection.name);
  private readonly stopping = new AbortController();
  private lastFault: string | undefined;

  constructor(
    settings: Settings['redis'],
    private readonly name: string,
  ) {
    this.client = newClient(settings);
    this.client.on('error', (error) => this.report(error));
    this.client.on('ready', () => {
      this.lastFault = undefined;
      this.logger.log(`Redis (${this.name}) is connected`);
    });
  }

  /** Returns at once: an instance starts without Redis and is not ready until it is there. */
  open(): void {
    this.connect();
    void this.watch();
  }

  close(): void {
    this.stopping.abort();
    this.client.destroy();
  }

  async ping(timeoutMs: number): Promise<void> {
    await within(timeoutMs, this.client.ping(), 'Redis does not answer');
  }

  /** Waits until it is connected; false: it was closed instead. */
  async ready(): Promise<boolean> {
    const { signal } = this.stopping;
    if (!this.client.isReady && !signal.aborted) {
      await once(this.client, 'ready', { signal }).catch(() => undefined);
    }
    return !signal.aborted;
  }

  private connect(): void {
    this.client.connect().catch((error: unknown) => this.report(error));
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(PROBE_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!this.client.isReady) {
        continue;
      }
      await this.ping(PROBE_TIMEOUT_MS).catch((error: unknown) => {
        this.report(error);
        this.reconnect();
      });
    }
  }

  private reconnect(): void {
    if (this.client.isReady && !this.stopping.signal.aborted) {
      this.client.destroy();
      this.connect();
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

function newClient({ host, port, username, password }: Settings['redis']) {
  return createClient({
    username,
    password,
    socket: {
      host,
      port,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, RECONNECT_AT_MOST_MS) * (0.5 + Math.random() / 2),
    },
    // While it is down commands fail at once, instead of piling up for as long as that takes.
    disableOfflineQueue: true,
    commandsQueueMaxLength: PENDING_COMMANDS,
    // CLIENT SETINFO would be one more command that the ACL has to allow.
    disableClientInfo: true,
  });
}
