import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, type ConnectionConfig, createConnection, type Pool, type QueryOptions } from 'mariadb';
import { whenOverdue } from '../patience/overdue';
import type { Patience } from '../patience/patience';
import { isDatabaseUnavailable } from './database-errors';

const CONNECT_TIMEOUT_MS = 1_000;
const CONNECT_AGAIN_MS = 50;
const IDLE_MS = 3_000;
/** The last one stays, so that a request after a quiet time need not wait for a connection. */
const IDLE_AT_LEAST = 1;
const READ = /^\s*\(*SELECT\b/i;
/** After these no transaction is open. */
const END_OF_TRANSACTION = /^(COMMIT|ROLLBACK)$/;

type Method = 'query' | 'execute';
type Listener = (error: Error) => void;

/** A code that stands for "no answer", as that of a system error does. */
class DatabaseSilentError extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * Connections for Prisma's adapter, which wants the driver's own pool or something that acts as it does.
 *
 * The driver's pool is not made for a database that moves. It opens one connection after the other, pauses 500 ms
 * after each that failed (after a longer outage up to 10 s, while requests wait), and gives up a statement only when
 * its socket was silent for a fixed time: ten statements that a frozen server swallowed are the end of a pool of ten
 * until then. Here nothing waits beyond the deadline of its request, and what did is closed together with all that
 * was idle, for it leads to the same server.
 */
export class ConnectionPool implements Pick<Pool, 'end'> {
  /** When a statement was last answered, by performance.now(). */
  answeredAt = -Infinity;
  /** Used last comes last, and is taken first: what is not needed grows old. */
  private readonly idle: PooledConnection[] = [];
  private readonly waiting: Waiter[] = [];
  private open = 0;
  private opening = 0;
  private fault: Error | undefined;
  private closed = false;
  private readonly sweeper: NodeJS.Timeout;

  constructor(
    private readonly config: ConnectionConfig & { host: string; port: number },
    private readonly limit: number,
    private readonly patience: Patience,
  ) {
    this.sweeper = setInterval(() => this.sweep(), IDLE_MS / 3).unref();
  }

  async getConnection(): Promise<Lease> {
    return new Lease(await this.take(), (connection) => this.takeBack(connection));
  }

  private async take(): Promise<PooledConnection> {
    const connection = this.idle.pop();
    if (connection !== undefined) {
      return connection;
    }
    return new Promise((resolve, reject) => {
      const timeoutMs = this.patience.deadline.limitMs;
      const overdue = whenOverdue(timeoutMs, () => {
        this.waiting.splice(this.waiting.indexOf(waiter), 1);
        const reason = this.fault?.message ?? `all ${this.limit} were busy`;
        reject(new DatabaseSilentError(`No database connection within ${Math.round(timeoutMs)} ms: ${reason}`));
      });
      const waiter: Waiter = {
        take: (taken) => {
          overdue.cancel();
          resolve(taken);
        },
        refuse: (error) => {
          overdue.cancel();
          reject(error);
        },
      };
      this.waiting.push(waiter);
      this.grow();
    });
  }

  query<T>(options: QueryOptions, values?: unknown): Promise<T> {
    return this.alone('query', options, values);
  }

  execute<T>(options: QueryOptions, values?: unknown): Promise<T> {
    return this.alone('execute', options, values);
  }

  async end(): Promise<void> {
    this.closed = true;
    clearInterval(this.sweeper);
    this.waiting.splice(0).forEach(({ refuse }) => refuse(new Error('The pool is closed.')));
    await Promise.all(this.idle.splice(0).map((connection) => connection.close()));
  }

  /** A statement outside of a transaction. A read that broke off may be done again; of a write nobody knows. */
  private alone<T>(method: Method, options: QueryOptions, values: unknown): Promise<T> {
    const repeatable = READ.test(options.sql);
    return this.patience.retry(
      async () => {
        const connection = await this.take();
        try {
          return await connection[method]<T>(options, values);
        } finally {
          this.takeBack(connection);
        }
      },
      (error) => repeatable && isDatabaseUnavailable(error),
    );
  }

  /** As many as are waited for; while none can be opened, one at a time to see when that is over. */
  private grow(): void {
    const wanted = this.fault === undefined ? this.waiting.length : Math.min(1, this.waiting.length);
    while (!this.closed && this.opening < wanted && this.open < this.limit) {
      void this.openOne();
    }
  }

  private async openOne(): Promise<void> {
    this.open += 1;
    this.opening += 1;
    try {
      const connection = await PooledConnection.open(this.config, this.patience, {
        silent: () => [...this.idle].forEach((other) => other.destroy('It leads to a server that did not answer.')),
        lost: (lost) => this.forget(lost),
        answered: () => (this.answeredAt = performance.now()),
      });
      this.opening -= 1;
      this.fault = undefined;
      this.takeBack(connection);
    } catch (error) {
      this.open -= 1;
      this.fault = error as Error;
      await sleep(CONNECT_AGAIN_MS, undefined, { ref: false });
      this.opening -= 1;
    }
    this.grow();
  }

  private takeBack(connection: PooledConnection): void {
    if (!connection.isUsable) {
      return;
    }
    const next = this.waiting.shift();
    if (next !== undefined) {
      next.take(connection);
    } else if (this.closed) {
      void connection.close();
    } else {
      this.idle.push(connection);
    }
  }

  private forget(connection: PooledConnection): void {
    this.open -= 1;
    const place = this.idle.indexOf(connection);
    if (place >= 0) {
      this.idle.splice(place, 1);
    }
    this.grow();
  }

  private sweep(): void {
    const old = performance.now() - IDLE_MS;
    while (this.idle.length > IDLE_AT_LEAST && (this.idle[0]?.usedAt ?? old) < old) {
      void this.idle.shift()?.close();
    }
  }
}

interface Waiter {
  take: (connection: PooledConnection) => void;
  refuse: (error: Error) => void;
}

/** A connection for one transaction. Prisma may roll back, and give back, what it has given back before. */
class Lease {
  private connection: PooledConnection | undefined;

  constructor(
    connection: PooledConnection,
    private readonly giveBack: (connection: PooledConnection) => void,
  ) {
    this.connection = connection;
  }

  async query<T>(options: QueryOptions, values?: unknown): Promise<T> {
    return this.held().query(options, values);
  }

  async execute<T>(options: QueryOptions, values?: unknown): Promise<T> {
    return this.held().execute(options, values);
  }

  on(event: 'error', listener: Listener): void {
    this.connection?.on(event, listener);
  }

  off(event: 'error', listener: Listener): void {
    this.connection?.off(event, listener);
  }

  release(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    if (connection !== undefined) {
      // Its end may have failed: then it may still be open on the server, with its locks.
      if (connection.isInTransaction) {
        connection.destroy('Its transaction did not end.');
      }
      this.giveBack(connection);
    }
    return Promise.resolve();
  }

  private held(): PooledConnection {
    if (this.connection === undefined) {
      throw new DatabaseSilentError('The transaction is over.');
    }
    return this.connection;
  }
}

interface Owner {
  answered: () => void;
  silent: () => void;
  /** Once for each connection, however it ended. */
  lost: (connection: PooledConnection) => void;
}

class PooledConnection {
  usedAt = performance.now();
  private usable = true;
  private inTransaction = false;

  private constructor(
    private readonly connection: Connection,
    private readonly socket: Socket,
    private readonly patience: Patience,
    private readonly owner: Owner,
  ) {
    // Without a listener the driver throws what nobody could catch.
    connection.on('error', () => this.end());
    connection.on('end', () => this.end());
  }

  static async open(config: ConnectionConfig & { host: string; port: number }, patience: Patience, owner: Owner): Promise<PooledConnection> {
    // Our own socket: the driver ends a connection under way by way of a second one, to the same silent server.
    const socket = connect(config.port, config.host);
    const connection = await createConnection({ ...config, connectTimeout: CONNECT_TIMEOUT_MS, stream: () => socket });
    return new PooledConnection(connection, socket, patience, owner);
  }

  get isUsable(): boolean {
    return this.usable;
  }

  query<T>(options: QueryOptions, values?: unknown): Promise<T> {
    return this.inTime(options.sql, () => this.connection.query<T>(options, values));
  }

  execute<T>(options: QueryOptions, values?: unknown): Promise<T> {
    return this.inTime(options.sql, () => this.connection.execute<T>(options, values));
  }

  on(event: 'error', listener: Listener): void {
    this.connection.on(event, listener);
  }

  off(event: 'error', listener: Listener): void {
    this.connection.off(event, listener);
  }

  get isInTransaction(): boolean {
    return this.inTransaction;
  }

  async close(): Promise<void> {
    this.end();
    await this.connection.end().catch(() => undefined);
  }

  /** Fails the statement under way, if there is one, for this reason. */
  destroy(reason: string): void {
    this.end();
    this.socket.destroy(new DatabaseSilentError(reason));
  }

  private async inTime<T>(sql: string, statement: () => Promise<T>): Promise<T> {
    const timeoutMs = this.patience.deadline.limitMs;
    const overdue = whenOverdue(timeoutMs, () => {
      this.destroy(`The database did not answer within ${Math.round(timeoutMs)} ms.`);
      this.owner.silent();
    });
    this.inTransaction ||= sql === 'BEGIN';
    try {
      const result = await statement();
      this.owner.answered();
      this.inTransaction &&= !END_OF_TRANSACTION.test(sql);
      return result;
    } finally {
      overdue.cancel();
      this.usedAt = performance.now();
    }
  }

  private end(): void {
    if (this.usable) {
      this.usable = false;
      this.owner.lost(this);
    }
  }
}
