import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Workout } from '../../src/workouts/workout.types';
import { Client } from './client';
import { Instance } from './instance';
import { Line } from './line';
import { Load } from './load';
import { isRedisInstalled, RedisCluster } from './redis-cluster';
import { connected, next } from './sockets';

const PATIENCE_MS = 4_000;
/** For a machine that has other things to do as well. */
const LATE_MS = 400;
const FAULT_AFTER_MS = 1_000;
const QUIET_MS = 1_500;

const missing = isRedisInstalled() ? false : 'redis-server and redis-sentinel are not installed';

describe('an instance whose database or Redis moves', { timeout: 180_000, skip: missing }, () => {
  const client = new Client();
  let redis: RedisCluster;
  let line: Line;
  let instance: Instance;
  let load: Load;

  before(async () => {
    redis = await RedisCluster.start();
    line = await Line.to(process.env.DATABASE_HOST ?? '127.0.0.1', Number(process.env.DATABASE_PORT ?? 3306));
    const environment = { ...redis.environment, ...line.environment, DEPENDENCY_PATIENCE_MS: String(PATIENCE_MS), LOG_LEVEL: 'info' };
    instance = await Instance.start('moved', environment);
    await instance.until('/health/ready', 200);
    assert.equal((await client.call(instance, 'POST', '/auth/register', client.credentials)).status, 201);
  });

  after(async () => {
    const ended = await instance.stop();
    line.close();
    await redis.stop();
    assert.equal(ended, 'SIGTERM');
  });

  beforeEach(async () => {
    load = new Load(client, instance);
    await sleep(FAULT_AFTER_MS);
  });

  /** Whatever happened: all is answered in time, with success or with 503, and what was acknowledged is there. */
  afterEach(async () => {
    await load.end();
    assert.deepEqual(Object.keys(load.statuses).filter((status) => !['200', '201', '503'].includes(status)), []);
    assert.ok(load.longestMs <= PATIENCE_MS + LATE_MS, `an answer took ${load.longestMs} ms`);
    const ids = [load.created.at(0), load.created.at(-1)];
    for (const id of ids) {
      assert.equal((await client.call<Workout>(instance, 'GET', `/workouts/${id}`)).status, 200);
    }
    assert.equal(new Set(load.created).size, load.created.length);
    assert.ok(!/unhandled/i.test(instance.log));
  });

  /** Good at once after the fault: what is asked from now on is answered as ever. */
  async function goesOn(test: TestContext): Promise<void> {
    const from = load.elapsedMs;
    await sleep(QUIET_MS);
    await load.end();
    const later = load.answers.filter(({ atMs }) => atMs >= from);
    test.diagnostic(`${JSON.stringify(load.statuses)}, longest ${load.longestMs} ms`);
    assert.ok(later.length > 0);
    assert.deepEqual(later.filter(({ status }) => status === 503), []);
  }

  async function readyAgain(): Promise<void> {
    await instance.until('/health/ready', 200);
  }

  for (const [fault, signal] of [['dies', 'SIGKILL'], ['hangs', 'SIGSTOP']] as const) {
    it(`keeps its sessions and loses no request when the Redis master ${fault}`, async (test) => {
      const old = redis.masterPort();
      const socket = await connected(client.connect(instance, 'websocket'));
      redis.signal(old, signal);
      // Made while there is no master: told only when it is kept.
      const newcomer = new Client();
      assert.equal((await newcomer.call(instance, 'POST', '/auth/register', newcomer.credentials)).status, 201);
      assert.notEqual(redis.masterPort(), old);
      assert.equal((await newcomer.call(instance, 'GET', '/auth/me')).status, 200);
      await goesOn(test);
      assert.equal(load.statuses[503], undefined);

      // The adapter listens on the new master: that a session ends, it hears from there.
      const left = next(socket, 'disconnect');
      const second = new Client();
      await second.call(instance, 'POST', '/auth/login', client.credentials);
      const other = await connected(second.connect(instance, 'websocket'));
      const gone = next(other, 'disconnect');
      await second.call(instance, 'POST', '/auth/logout');
      assert.equal(await gone, 'io server disconnect');
      socket.disconnect();
      await left;

      redis.signal(old, 'SIGCONT');
      if (signal === 'SIGKILL') {
        await redis.restart(old);
      }
      await redis.settled();
    });
  }

  it('does not call a login done that no replica knows', async () => {
    const master = redis.masterPort();
    const replicas = redis.others(master);
    replicas.forEach((port) => redis.signal(port, 'SIGSTOP'));
    const answer = await new Client().call(instance, 'POST', '/auth/login', client.credentials);
    replicas.forEach((port) => redis.signal(port, 'SIGCONT'));
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('Retry-After'), '1');
    await redis.settled();
    assert.equal((await new Client().call(instance, 'POST', '/auth/login', client.credentials)).status, 200);
  });

  it('loses no request when the database is gone for 2 s', async (test) => {
    line.cut();
    await sleep(2_000);
    line.mend();
    await readyAgain();
    await goesOn(test);
    assert.equal(load.statuses[503], undefined);
  });

  it('loses no request when the database is silent for 2 s', async (test) => {
    line.silence();
    await sleep(2_000);
    line.mend();
    await readyAgain();
    await goesOn(test);
    assert.equal(load.statuses[503], undefined);
  });

  it('answers in time when the database is silent for longer than it has patience, and is well at once afterwards', async (test) => {
    line.silence();
    await sleep(1_000);
    const asked = performance.now();
    assert.equal((await fetch(`${instance.url}/health/ready`)).status, 503);
    assert.ok(performance.now() - asked < 500 + LATE_MS);
    await sleep(PATIENCE_MS);
    line.mend();
    await readyAgain();
    await goesOn(test);
    assert.ok((load.statuses[503] ?? 0) > 0);
  });
});
