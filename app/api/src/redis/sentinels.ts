import type { Address, SentinelSettings } from '../settings/settings';
import { UnavailableError } from '../http/problem';
import { type RedisClient, RedisConnection, type RedisPeer } from './redis-connection';
import { within } from './within';

const SWITCHED = '+switch-master';
const ANSWER_TIMEOUT_MS = 300;

/** A Sentinel's word on where the master is. It counts by its epoch: each failover has a higher one. */
export interface Word {
  address: Address;
  epoch: number;
}

/**
 * Follows the master of a replicated Redis. A connection to every Sentinel is kept, for the one that sits with the old
 * master in a partition hears of no failover.
 */
export class Sentinels {
  private readonly connections: RedisConnection[];
  private readonly followers: ((master: Address) => void)[] = [];
  private epoch = -1;

  constructor(private readonly settings: SentinelSettings) {
    this.connections = settings.addresses.map((address) => {
      const { username, password } = settings;
      const connection = new RedisConnection({ username, password, locate: () => Promise.resolve(address) }, `Sentinel ${address.host}`);
      connection.subscribe(async (client) => {
        await client.subscribe(SWITCHED, () => void this.hear(client));
        // It may have told of a switch while nobody listened.
        await this.hear(client);
      });
      return connection;
    });
  }

  open(): void {
    this.connections.forEach((connection) => connection.open());
  }

  close(): void {
    this.connections.forEach((connection) => connection.close());
  }

  follow(follower: (master: Address) => void): void {
    this.followers.push(follower);
  }

  /** Asks all, and believes the newest word. The majority is enough, unless it knows less than was known before. */
  async locate(): Promise<Address> {
    const majority = Math.floor(this.connections.length / 2) + 1;
    const answers = this.connections.map((connection) => connection.run((client) => this.ask(client)));
    const words = await gather(answers, (given) => given.length >= majority && newest(given).epoch >= this.epoch);
    if (words.length === 0) {
      throw new UnavailableError('No Sentinel tells where the master is.');
    }
    const { address, epoch } = newest(words);
    this.epoch = epoch;
    return address;
  }

  private async hear(client: RedisClient): Promise<void> {
    // One that does not answer is dealt with by its connection.
    const word = await this.ask(client).catch(() => undefined);
    if (word !== undefined && word.epoch > this.epoch) {
      this.epoch = word.epoch;
      this.followers.forEach((follower) => follower(word.address));
    }
  }

  /** The address changes as soon as the new master is one; what SENTINEL MASTER tells of it, only after the replicas. */
  private async ask(client: RedisClient): Promise<Word> {
    const { master } = this.settings;
    const questions = Promise.all([
      client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master]),
      client.sendCommand(['SENTINEL', 'MASTER', master]),
    ]);
    const [address, details] = await within(ANSWER_TIMEOUT_MS, questions, 'A Sentinel does not answer');
    return toWord(address, details);
  }
}

export function toWord(address: unknown, details: unknown): Word {
  const [host, port] = Array.isArray(address) ? (address as unknown[]) : [];
  const epoch = Number((details as Record<string, unknown> | null)?.['config-epoch']);
  if (typeof host !== 'string' || !Number.isInteger(Number(port)) || !Number.isInteger(epoch)) {
    throw new UnavailableError('A Sentinel does not know the master.');
  }
  return { address: { host, port: Number(port) }, epoch };
}

function newest(words: readonly Word[]): Word {
  return words.reduce((best, word) => (word.epoch > best.epoch ? word : best));
}

/** What was answered by the time that it is enough, or that all have answered or failed. */
export function gather<T>(answers: readonly Promise<T>[], isEnough: (given: readonly T[]) => boolean): Promise<T[]> {
  const given: T[] = [];
  return new Promise((resolve) => {
    const taken = answers.map((answer) =>
      answer.then(
        (value) => {
          given.push(value);
          if (isEnough(given)) {
            resolve([...given]);
          }
        },
        () => undefined,
      ),
    );
    void Promise.all(taken).then(() => resolve([...given]));
  });
}

/** The master, wherever it is. */
export function masterOf(sentinels: Sentinels, { username, password }: Pick<RedisPeer, 'username' | 'password'>): RedisPeer {
  return {
    username,
    password,
    locate: () => sentinels.locate(),
    verify: async (client) => {
      const [role] = (await client.sendCommand(['ROLE'])) as unknown as [string];
      if (role !== 'master') {
        throw new UnavailableError(`The Sentinels name a master that is a ${role}.`);
      }
    },
  };
}
