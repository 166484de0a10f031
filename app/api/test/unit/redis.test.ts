import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorReply } from 'redis';
import { Deadline } from '../../src/patience/deadline';
import { Patience } from '../../src/patience/patience';
import { RedisConnection } from '../../src/redis/redis-connection';
import { isFromNoMaster, isRedisUnavailable } from '../../src/redis/redis-errors';
import type { RedisService } from '../../src/redis/redis.service';
import { gather, masterOf, Sentinels, toWord } from '../../src/redis/sentinels';
import { adapterClients } from '../../src/sockets/adapter-clients';
import { SessionRecords } from '../../src/sessions/session-records';
import type { Address, Settings } from '../../src/settings/settings';
import { array, bulk, FakeRedis, map, push, reply } from './fake-redis';

const CREDENTIALS = { username: 'application', password: 'secret' };
const closing: (() => void)[] = [];

afterEach(() => {
  closing.splice(0).forEach((close) => close());
});

async function until(what: string, condition: () => boolean, timeoutMs = 2_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    assert.ok(performance.now() < deadline, what);
    await sleep(5);
  }
}

async function fake(...[answer]: ConstructorParameters<typeof FakeRedis>): Promise<FakeRedis> {
  const redis = await new FakeRedis(answer).start();
  closing.push(() => redis.stop());
  return redis;
}

/** Answers as a master or a replica, and GET with its own name. */
async function node(name: string, state: { role: string; write?: string }): Promise<FakeRedis> {
  return fake(([command]) => {
    switch (command) {
      case 'ROLE':
        return array(bulk(state.role));
      case 'GET':
        return bulk(name);
      case 'PING':
        return reply.string('PONG');
      default:
        return state.write;
    }
  });
}

interface View {
  address: Address;
  epoch: number;
  silent?: boolean;
}

async function sentinel(view: View): Promise<FakeRedis> {
  return fake(([command, question]) => {
    if (view.silent === true) {
      return undefined;
    }
    if (command === 'PING') {
      return reply.string('PONG');
    }
    return question === 'MASTER' ? map({ name: 'gym', 'config-epoch': String(view.epoch) }) : array(bulk(view.address.host), bulk(String(view.address.port)));
  });
}

function follow(...watchers: FakeRedis[]): { sentinels: Sentinels; connection: RedisConnection } {
  const sentinels = new Sentinels({ addresses: watchers.map(({ address }) => address), master: 'gym', ...CREDENTIALS });
  const connection = new RedisConnection(masterOf(sentinels, CREDENTIALS), 'test');
  sentinels.follow((master) => connection.moveTo(master));
  closing.push(() => {
    connection.close();
    sentinels.close();
  });
  sentinels.open();
  connection.open();
  return { sentinels, connection };
}

async function whoAnswers(connection: RedisConnection): Promise<string | null> {
  return connection.run((client) => client.get('key')).catch(() => null);
}

async function answersAs(connection: RedisConnection, name: string): Promise<void> {
  let seen: string | null = null;
  const deadline = performance.now() + 3_000;
  while (seen !== name) {
    assert.ok(performance.now() < deadline, `${name} does not answer, but ${seen}`);
    await sleep(5);
    seen = await whoAnswers(connection);
  }
}

describe('a connection to the master', () => {
  it('believes the newest word of the Sentinels, not the most frequent', async () => {
    const old = await node('old', { role: 'master' });
    const current = await node('current', { role: 'master' });
    const stale = { address: old.address, epoch: 1 };
    const { connection } = follow(await sentinel(stale), await sentinel({ address: current.address, epoch: 2 }), await sentinel(stale));
    await answersAs(connection, 'current');
    await sleep(100);
    assert.equal(await whoAnswers(connection), 'current');
  });

  it('does without a Sentinel that is silent', async () => {
    const current = await node('current', { role: 'master' });
    const view = { address: current.address, epoch: 1 };
    const { connection } = follow(await sentinel({ ...view, silent: true }), await sentinel(view), await sentinel(view));
    await answersAs(connection, 'current');
  });

  it('leaves for the new master as soon as one Sentinel tells of it, however well the old one answers', async () => {
    const old = await node('old', { role: 'master' });
    const next = await node('next', { role: 'master' });
    const views: View[] = Array.from({ length: 3 }, () => ({ address: old.address, epoch: 1 }));
    const watchers = await Promise.all(views.map(sentinel));
    const { connection } = follow(...watchers);
    await answersAs(connection, 'old');
    await until('all are listened to', () => watchers.every(({ commands }) => commands.some(([name]) => name === 'SUBSCRIBE')));
    Object.assign(views[1] ?? {}, { address: next.address, epoch: 2 });
    watchers[1]?.tell(push(bulk('message'), bulk('+switch-master'), bulk('gym 127.0.0.1 1 127.0.0.1 2')));
    const told = performance.now();
    await answersAs(connection, 'next');
    assert.ok(performance.now() - told < 250);
  });

  it('gives up on one that does not answer as soon as another is named, though nobody tells of a switch', async () => {
    const hung = await fake(() => undefined);
    const next = await node('next', { role: 'master' });
    const views: View[] = Array.from({ length: 3 }, () => ({ address: hung.address, epoch: 1 }));
    const { connection } = follow(...(await Promise.all(views.map(sentinel))));
    await until('it is asked', () => hung.commands.some(([name]) => name === 'ROLE'));
    views.forEach((view) => Object.assign(view, { address: next.address, epoch: 2 }));
    const named = performance.now();
    await answersAs(connection, 'next');
    assert.ok(performance.now() - named < 500);
  });

  it('goes where it has moved at once, though it has just begun to wait before its next attempt', async () => {
    const refusing = await fake(() => reply.error('LOADING'));
    const next = await node('next', { role: 'master' });
    const views: View[] = Array.from({ length: 3 }, () => ({ address: refusing.address, epoch: 1 }));
    const watchers = await Promise.all(views.map(sentinel));
    const { connection } = follow(...watchers);
    await until('all are listened to', () => watchers.every(({ commands }) => commands.some(([name]) => name === 'SUBSCRIBE')));
    // By now it waits as long as it ever does, which is up to a quarter of a second.
    const attempts = (): number => refusing.commands.filter(([name]) => name === 'HELLO').length;
    await until('it has tried often', () => attempts() > 6);
    views.forEach((view) => Object.assign(view, { address: next.address, epoch: 2 }));
    watchers[1]?.tell(push(bulk('message'), bulk('+switch-master'), bulk('gym 127.0.0.1 1 127.0.0.1 2')));
    const told = performance.now();
    await answersAs(connection, 'next');
    assert.ok(performance.now() - told < 120);
  });

  it('is not misled by a Sentinel that tells of a failover long ago', async () => {
    const old = await node('old', { role: 'master' });
    const current = await node('current', { role: 'master' });
    const late = await sentinel({ address: old.address, epoch: 1 });
    const view = { address: current.address, epoch: 2 };
    const { connection } = follow(late, await sentinel(view), await sentinel(view));
    await answersAs(connection, 'current');
    late.tell(push(bulk('message'), bulk('+switch-master'), bulk('gym')));
    await sleep(100);
    assert.equal(await whoAnswers(connection), 'current');
    assert.equal(current.connections, 1);
  });

  it('does not settle with a replica', async () => {
    const state = { role: 'slave' };
    const promoted = await node('promoted', state);
    const view = { address: promoted.address, epoch: 1 };
    const { connection } = follow(await sentinel(view));
    await until('it was asked', () => promoted.commands.some(([name]) => name === 'ROLE'));
    assert.equal(await whoAnswers(connection), null);
    state.role = 'master';
    await answersAs(connection, 'promoted');
  });

  it('leaves one that became a replica when it refuses a write', async () => {
    const state = { role: 'master', write: reply.error("READONLY You can't write against a read only replica.") };
    const demoted = await node('demoted', state);
    const { connection } = follow(await sentinel({ address: demoted.address, epoch: 1 }));
    await answersAs(connection, 'demoted');
    state.role = 'slave';
    await assert.rejects(connection.run((client) => client.set('key', 'value')), /READONLY/);
    await until('it left', () => demoted.connections === 0 || demoted.commands.filter(([name]) => name === 'ROLE').length > 2);
    assert.equal(await whoAnswers(connection), null);
  });

  it('subscribes anew wherever it connects', async () => {
    const state = { role: 'master' };
    const redis = await node('redis', state);
    const { connection } = follow(await sentinel({ address: redis.address, epoch: 1 }));
    const heard: string[] = [];
    connection.subscribe(async (client) => client.subscribe('channel', (message) => heard.push(message)));
    const subscriptions = (): number => redis.commands.filter(([name]) => name === 'SUBSCRIBE').length;
    await until('it subscribed', () => subscriptions() === 1);
    redis.reset();
    await until('it subscribed again', () => subscriptions() === 2);
    redis.tell(push(bulk('message'), bulk('channel'), bulk('hello')));
    await until('it heard', () => heard.length === 1);
  });
});

describe('a connection to one that is slow', () => {
  it('is tried again when its time was up, though a subscription got over that', async () => {
    let asked = 0;
    const redis = await fake(([command]) => {
      switch (command) {
        case 'GET':
          asked += 1;
          return asked === 1 ? undefined : bulk('value');
        default:
          return command === 'ROLE' ? array(bulk('master')) : undefined;
      }
    });
    const { connection } = follow(await sentinel({ address: redis.address, epoch: 1 }));
    connection.subscribe(async (client) => {
      await client.get('key').catch(() => undefined);
    });
    await until('it asked', () => asked === 1);
    await answersAs(connection, 'value');
  });
});

describe('the word between instances', () => {
  const patience = new Patience({ dependencyPatienceMs: 2_000 } as Settings);

  async function instance() {
    const redis = await fake(([command]) => {
      switch (command) {
        case 'ROLE':
          return array(bulk('master'));
        case 'PSUBSCRIBE':
          return push(bulk('psubscribe'), bulk('socket.io#*'), reply.number(1));
        default:
          return command === 'PUBLISH' ? reply.number(2) : undefined;
      }
    });
    const watcher = await sentinel({ address: redis.address, epoch: 1 });
    const heard = { subscribed: 0 };
    const clients = adapterClients(
      { commands: follow(watcher).connection, subscriptions: follow(watcher).connection },
      patience,
      () => (heard.subscribed += 1),
    );
    const times = (name: string): number => redis.commands.filter(([command]) => command === name).length;
    return { redis, heard, times, ...clients };
  }

  it('is told anew when Redis comes back, though the request that it was for is over', async () => {
    const { redis, publisher, times } = await instance();
    const over = new Deadline(0);
    await until('it is connected', () => times('ROLE') === 2);
    redis.reset();
    await patience.until(over, () => {
      publisher.publish('channel', 'message');
      return Promise.resolve();
    });
    await until('it was published', () => times('PUBLISH') > 0);
  });

  it('may have been missed whenever the subscription had to be made', async () => {
    const { redis, subscriber, heard } = await instance();
    subscriber.pSubscribe('socket.io#*', () => undefined);
    await until('it is subscribed', () => heard.subscribed === 1);
    redis.reset();
    await until('it is subscribed again', () => heard.subscribed === 2);
  });
});

describe('a Sentinel', () => {
  it('has to know the master', () => {
    assert.throws(() => toWord(null, { 'config-epoch': '1' }));
    assert.throws(() => toWord(['10.0.0.1', '6379'], {}));
    assert.deepEqual(toWord(['10.0.0.1', '6379'], { 'config-epoch': '3' }), { address: { host: '10.0.0.1', port: 6379 }, epoch: 3 });
  });

  it('is waited for only as long as its answer is needed', async () => {
    const never = new Promise<number>(() => undefined);
    assert.deepEqual(await gather([Promise.resolve(1), never, Promise.resolve(3)], (given) => given.length >= 2), [1, 3]);
    assert.deepEqual(await gather([Promise.resolve(1), Promise.reject(new Error('away'))], (given) => given.length >= 2), [1]);
  });
});

describe('a session', () => {
  const patience = new Patience({ dependencyPatienceMs: 300 } as Settings);

  /** SET and DEL succeed; WAIT tells these numbers one after the other, the last one for ever. */
  async function records(acknowledged: number[], replicas = 1): Promise<{ records: SessionRecords; redis: FakeRedis }> {
    const redis = await fake(([command]) => {
      switch (command) {
        case 'SET':
          return reply.string('OK');
        case 'DEL':
          return reply.number(1);
        case 'WAIT':
          return reply.number((acknowledged.length > 1 ? acknowledged.shift() : acknowledged[0]) ?? 0);
        default:
          return reply.string('PONG');
      }
    });
    const connection = new RedisConnection({ ...CREDENTIALS, locate: () => Promise.resolve(redis.address) }, 'test');
    closing.push(() => connection.close());
    connection.open();
    const service = { commands: connection, acknowledgedWrites: connection } as unknown as RedisService;
    return { records: new SessionRecords(service, patience, replicas), redis };
  }

  it('is kept when a replica has it, written and asked for on one connection', async () => {
    const { records: sessions, redis } = await records([0, 1]);
    await sessions.set('session:a', '{}', { expiration: { type: 'EX', value: 60 } });
    const written = redis.commands.map(([command]) => command).filter((command) => command === 'SET' || command === 'WAIT');
    assert.deepEqual(written, ['SET', 'WAIT', 'SET', 'WAIT']);
  });

  it('is not kept, and not ended, when no replica knows', async () => {
    const { records: sessions } = await records([1], 2);
    await assert.rejects(sessions.set('session:a', '{}', undefined), /1 of 2 replicas/);
    await assert.rejects(sessions.del(['session:a']), /1 of 2 replicas/);
  });

  it('asks for no replica where none is wanted', async () => {
    const { records: sessions, redis } = await records([0], 0);
    assert.equal(await sessions.del(['session:a']), 1);
    assert.ok(!redis.commands.some(([command]) => command === 'WAIT'));
  });
});

describe('a failure of Redis', () => {
  const cases: [string, Error, boolean, boolean][] = [
    ['a lost connection', new Error('Socket closed unexpectedly'), true, false],
    ['a replica that refuses a write', new ErrorReply("READONLY You can't write against a read only replica."), true, true],
    ['a master without replicas', new ErrorReply('NOREPLICAS Not enough good replicas to write.'), true, true],
    ['a replica without its master', new ErrorReply('MASTERDOWN Link with MASTER is down'), true, true],
    ['a WAIT on one that is master no more', new ErrorReply('UNBLOCKED force unblock from blocking operation'), true, true],
    ['one that has just started', new ErrorReply('LOADING Redis is loading the dataset in memory'), true, false],
    ['a command that is not allowed', new ErrorReply("NOPERM this user has no permissions to run the 'keys' command"), false, false],
  ];
  for (const [what, error, passes, isNoMaster] of cases) {
    it(`${passes ? 'passes' : 'does not pass'} if it is ${what}`, () => {
      assert.equal(isRedisUnavailable(error), passes);
      assert.equal(isFromNoMaster(error), isNoMaster);
    });
  }
});
