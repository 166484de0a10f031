import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Settings, SettingsError } from '../../src/settings/settings';

const COMPLETE = {
  INSTANCE_NAME: 'api-1',
  DATABASE_HOST: 'db',
  DATABASE_NAME: 'gym',
  DATABASE_USER: 'app',
  DATABASE_PASSWORD: 'database secret',
  REDIS_HOST: 'redis',
  REDIS_PASSWORD: 'redis secret',
  SESSION_SECRET: 'x'.repeat(32),
  UI_ORIGIN: 'https://gym.example',
};

function faultsWith(changes: NodeJS.ProcessEnv): readonly string[] {
  try {
    new Settings({ ...COMPLETE, ...changes });
    return [];
  } catch (error) {
    assert(error instanceof SettingsError);
    return error.faults;
  }
}

describe('Settings', () => {
  it('fills in the defaults', () => {
    const settings = new Settings(COMPLETE);
    assert.equal(settings.host, '127.0.0.1');
    assert.equal(settings.port, 3000);
    assert.equal(settings.database.port, 3306);
    assert.equal(settings.database.poolSize, 10);
    assert.equal(settings.session.ttlSeconds, 604_800);
    assert.equal(settings.session.cookieSecure, false);
    assert.deepEqual(settings.trustProxy, []);
    assert.equal(settings.dependencyPatienceMs, 4_000);
    assert.equal(settings.redis.acknowledgingReplicas, 0);
    assert.equal(settings.redis.sentinels, undefined);
  });

  it('names every missing variable at once', () => {
    const faults = faultsWith({ DATABASE_HOST: undefined, REDIS_PASSWORD: '', UI_ORIGIN: undefined });
    assert.deepEqual(faults, ['DATABASE_HOST is missing', 'REDIS_PASSWORD is missing', 'UI_ORIGIN is missing']);
  });

  for (const [name, value] of Object.entries({
    PORT: '3000a',
    METRICS_PORT: '70000',
    DATABASE_POOL_SIZE: '5000',
    INSTANCE_NAME: 'api.1',
    COOKIE_SECURE: 'yes',
    LOG_LEVEL: 'loud',
    SESSION_SECRET: 'too short a secret',
    UI_ORIGIN: 'https://gym.example/',
    TRUST_PROXY: '10.0.0.1,10.0.0.0/33',
    REDIS_SENTINELS: '10.0.0.1:26379,10.0.0.2',
    REDIS_ACKNOWLEDGING_REPLICAS: '-1',
    DEPENDENCY_PATIENCE_MS: '4s',
  })) {
    it(`refuses ${name}=${value} by the variable's name and without its value`, () => {
      const faults = faultsWith({ [name]: value });
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? '', new RegExp(`^${name} `));
      assert.ok(!faults[0]?.includes(value));
    });
  }

  it('refuses metrics on the public port', () => {
    assert.deepEqual(faultsWith({ PORT: '9464' }), ['METRICS_PORT must differ from PORT']);
  });

  it('takes addresses and networks of proxies', () => {
    const { trustProxy } = new Settings({ ...COMPLETE, TRUST_PROXY: '10.0.0.1, 10.1.0.0/16,fd00::/8' });
    assert.deepEqual(trustProxy, ['10.0.0.1', '10.1.0.0/16', 'fd00::/8']);
  });

  describe('of a Redis under Sentinels', () => {
    const sentinels = {
      REDIS_HOST: undefined,
      REDIS_SENTINELS: '10.0.0.1:26379, [fd00::2]:26380,redis-3:26379',
      REDIS_SENTINEL_MASTER: 'gym',
      REDIS_SENTINEL_PASSWORD: 'secret',
    };

    it('take their addresses instead of that of one Redis', () => {
      assert.deepEqual(new Settings({ ...COMPLETE, ...sentinels }).redis.sentinels, {
        addresses: [
          { host: '10.0.0.1', port: 26379 },
          { host: 'fd00::2', port: 26380 },
          { host: 'redis-3', port: 26379 },
        ],
        master: 'gym',
        username: 'default',
        password: 'secret',
      });
    });

    it('name what is missing beside them', () => {
      const faults = faultsWith({ ...sentinels, REDIS_SENTINEL_MASTER: '', REDIS_SENTINEL_PASSWORD: undefined });
      assert.deepEqual(faults, ['REDIS_SENTINEL_MASTER is missing', 'REDIS_SENTINEL_PASSWORD is missing']);
    });

    for (const address of ['10.0.0.1', '10.0.0.1:0', '10.0.0.1:65536', 'fd00::2:26379', 'a b:26379', ':26379']) {
      it(`have no address ${address}`, () => {
        assert.equal(faultsWith({ REDIS_SENTINELS: address }).length, 1);
      });
    }
  });
});
