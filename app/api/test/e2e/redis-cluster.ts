import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './instance';

const MASTER_NAME = 'e2e';
const COUNT = 3;
const UNTIL_MS = 15_000;

/** The commands that the README names, and no other. */
const APPLICATION_RULES = 'resetkeys ~session:* resetchannels &socket.io#/#* &socket.io-request#/# &socket.io-response#/#* -@all +ping +get +set +del +publish +subscribe +psubscribe +wait +role';
const SENTINEL_RULES = 'resetchannels &+switch-master -@all +ping +subscribe +sentinel|get-master-addr-by-name +sentinel|master';

export function isRedisInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version']);
    execFileSync('redis-sentinel', ['--version']);
    return true;
  } catch {
    return false;
  }
}

/** Three Redis under three Sentinels, with users that may no more than the application needs. */
export class RedisCluster {
  private readonly folder = mkdtempSync(join(tmpdir(), 'redis-cluster-'));
  private readonly processes = new Map<number, ChildProcess>();
  private readonly ports: number[] = [];
  private readonly sentinelPorts: number[] = [];

  static async start(): Promise<RedisCluster> {
    const cluster = new RedisCluster();
    for (let index = 0; index < COUNT; index += 1) {
      cluster.ports.push(await freePort());
      cluster.sentinelPorts.push(await freePort());
    }
    cluster.ports.forEach((port) => cluster.startRedis(port));
    cluster.sentinelPorts.forEach((port) => cluster.startSentinel(port));
    await cluster.settled();
    return cluster;
  }

  get environment(): NodeJS.ProcessEnv {
    return {
      REDIS_HOST: '',
      REDIS_SENTINELS: this.sentinelPorts.map((port) => `127.0.0.1:${port}`).join(','),
      REDIS_SENTINEL_MASTER: MASTER_NAME,
      REDIS_SENTINEL_USERNAME: 'application',
      REDIS_SENTINEL_PASSWORD: 'of the sentinels',
      REDIS_USERNAME: 'application',
      REDIS_PASSWORD: 'of redis',
      REDIS_ACKNOWLEDGING_REPLICAS: '1',
    };
  }

  /** By the word of the Sentinels. */
  masterPort(): number {
    const answer = this.ask(this.sentinelPorts[0] ?? 0, 'admin', 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME);
    return Number(answer.split('\n')[1]);
  }

  others(port: number): number[] {
    return this.ports.filter((other) => other !== port);
  }

  signal(port: number, signal: NodeJS.Signals): void {
    this.processes.get(port)?.kill(signal);
  }

  /** As systemd would. */
  async restart(port: number): Promise<void> {
    const process = this.processes.get(port);
    if (process?.exitCode === null && process.signalCode === null) {
      await once(process, 'exit');
    }
    this.startRedis(port);
  }

  /** A failover has ended, and all replicas follow the new master. */
  async settled(): Promise<void> {
    const deadline = Date.now() + UNTIL_MS;
    while (Date.now() < deadline) {
      try {
        const master = this.ask(this.masterPort(), 'admin', 'INFO', 'replication');
        const watched = this.sentinelPorts.map((port) => this.ask(port, 'admin', 'SENTINEL', 'CKQUORUM', MASTER_NAME));
        const online = master.match(/state=online/g) ?? [];
        if (online.length === COUNT - 1 && watched.every((answer) => answer.startsWith(`OK ${COUNT}`))) {
          return;
        }
      } catch {
        // Not yet there.
      }
      await sleep(100);
    }
    throw new Error('Redis and its Sentinels did not come together');
  }

  async stop(): Promise<void> {
    for (const process of this.processes.values()) {
      process.kill('SIGKILL');
      if (process.exitCode === null && process.signalCode === null) {
        await once(process, 'exit');
      }
    }
    rmSync(this.folder, { recursive: true });
  }

  private startRedis(port: number): void {
    const [first = 0] = this.ports;
    const file = join(this.folder, `redis-${port}.conf`);
    if (!this.processes.has(port)) {
      writeFileSync(
        file,
        `port ${port}
bind 127.0.0.1
dir ${this.folder}
dbfilename ${port}.rdb
save ""
user default off
user admin on >of-admin ~* &* +@all
user replica on >of-replica +psync +replconf +ping
user application on ">of redis" ${APPLICATION_RULES}
masteruser replica
masterauth of-replica
repl-diskless-sync-delay 0
repl-ping-replica-period 1
min-replicas-to-write 1
min-replicas-max-lag 1
${port === first ? '' : `replicaof 127.0.0.1 ${first}`}
`,
      );
    }
    this.processes.set(port, spawn('redis-server', [file], { stdio: 'ignore' }));
  }

  private startSentinel(port: number): void {
    const file = join(this.folder, `sentinel-${port}.conf`);
    writeFileSync(
      file,
      `port ${port}
bind 127.0.0.1
dir ${this.folder}
user default off
user admin on >of-admin ~* &* +@all
user application on ">of the sentinels" ${SENTINEL_RULES}
sentinel sentinel-user admin
sentinel sentinel-pass of-admin
sentinel monitor ${MASTER_NAME} 127.0.0.1 ${this.ports[0]} 2
sentinel auth-user ${MASTER_NAME} admin
sentinel auth-pass ${MASTER_NAME} of-admin
sentinel down-after-milliseconds ${MASTER_NAME} 1000
sentinel failover-timeout ${MASTER_NAME} 5000
`,
    );
    this.processes.set(port, spawn('redis-sentinel', [file], { stdio: 'ignore' }));
  }

  private ask(port: number, user: string, ...command: string[]): string {
    const options = ['-p', String(port), '--user', user, '--no-auth-warning'];
    return execFileSync('redis-cli', [...options, ...command], { encoding: 'utf8', env: { ...process.env, REDISCLI_AUTH: 'of-admin' } });
  }
}
