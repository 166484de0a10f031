import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const UI_ORIGIN = 'http://ui.example';
export const SESSION_SECRET = 'a secret of the end-to-end test only';

const BUNDLE = resolve('dist/bundle/main.js');
const START_TIMEOUT_MS = 20_000;
/** What the README recommends for hosts. */
const NODE_FLAGS = ['--max-old-space-size=96', '--optimize-for-size'];

/** The bundle in a process of its own, as a host runs it: nothing beside it, another working directory. */
export class Instance {
  private output = '';

  private constructor(
    readonly name: string,
    readonly url: string,
    readonly metricsUrl: string,
    private readonly process: ChildProcess,
  ) {
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  static async start(name: string, changes: NodeJS.ProcessEnv = {}): Promise<Instance> {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const child = spawn(process.execPath, [...NODE_FLAGS, BUNDLE], {
      cwd: tmpdir(),
      env: {
        ...process.env,
        INSTANCE_NAME: name,
        PORT: String(port),
        METRICS_PORT: String(metricsPort),
        UI_ORIGIN,
        SESSION_SECRET,
        LOG_LEVEL: 'debug',
        ...changes,
      },
    });
    const instance = new Instance(name, `http://127.0.0.1:${port}`, `http://127.0.0.1:${metricsPort}/metrics`, child);
    await instance.until('/health/live', 200);
    return instance;
  }

  get log(): string {
    return this.output;
  }

  async until(path: string, status: number): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline && this.process.exitCode === null) {
      const response = await fetch(this.url + path).catch(() => undefined);
      if (response?.status === status) {
        return;
      }
      await sleep(50);
    }
    throw new Error(`${this.name} did not answer ${path} with ${status}:\n${this.output}`);
  }

  async metric(name: string): Promise<number> {
    const metrics = await (await fetch(this.metricsUrl)).text();
    return Number(new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(metrics)?.[1]);
  }

  /** How it ended: the signal when it stopped as it was asked to, a status when it had to give up. */
  async stop(): Promise<NodeJS.Signals | number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGTERM');
      await once(this.process, 'exit');
    }
    return this.process.signalCode ?? this.process.exitCode;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
