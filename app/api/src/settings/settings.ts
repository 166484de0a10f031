import { isIP } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export class SettingsError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The environment is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

export interface SentinelSettings {
  readonly addresses: readonly Address[];
  /** The name under which they watch it. */
  readonly master: string;
  readonly username: string;
  readonly password: string;
}

/** A class, so that it is its own injection token. */
export class Settings {
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number;
  readonly instanceName: string;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly name: string;
    readonly user: string;
    readonly password: string;
    readonly poolSize: number;
  };
  readonly redis: {
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
    /** A write that must not be lost is done when so many replicas have it. */
    readonly acknowledgingReplicas: number;
    /** undefined: one Redis, at host and port. Otherwise they tell where the master is. */
    readonly sentinels: SentinelSettings | undefined;
  };
  readonly dependencyPatienceMs: number;
  readonly session: {
    readonly secret: string;
    readonly ttlSeconds: number;
    readonly cookieSecure: boolean;
  };
  readonly uiOrigin: string;
  readonly trustProxy: readonly string[];
  readonly shutdownTimeoutSeconds: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];

  /** Collects every fault before it throws, so that one start shows all of them. */
  constructor(environment: NodeJS.ProcessEnv) {
    const read = new EnvironmentReader(environment);
    this.host = read.text('HOST', '127.0.0.1');
    this.port = read.port('PORT', 3000);
    this.metricsPort = read.port('METRICS_PORT', 9464);
    this.instanceName = read.matching(
      'INSTANCE_NAME',
      /^[A-Za-z0-9_-]{1,63}$/,
      'must be 1 to 63 letters, digits, "-" or "_": it is the part of a Socket.IO session id before the first dot',
    );
    this.database = {
      host: read.text('DATABASE_HOST'),
      port: read.port('DATABASE_PORT', 3306),
      name: read.text('DATABASE_NAME'),
      user: read.text('DATABASE_USER'),
      password: read.text('DATABASE_PASSWORD'),
      poolSize: read.integer('DATABASE_POOL_SIZE', 10, 1, 1000),
    };
    const sentinels = read.addresses('REDIS_SENTINELS');
    const isReplicated = sentinels.length > 0;
    this.redis = {
      host: read.text('REDIS_HOST', isReplicated ? '' : undefined),
      port: read.port('REDIS_PORT', 6379),
      username: read.text('REDIS_USERNAME', 'default'),
      password: read.text('REDIS_PASSWORD'),
      acknowledgingReplicas: read.integer('REDIS_ACKNOWLEDGING_REPLICAS', 0, 0, 10),
      sentinels: isReplicated
        ? {
            addresses: sentinels,
            master: read.text('REDIS_SENTINEL_MASTER'),
            username: read.text('REDIS_SENTINEL_USERNAME', 'default'),
            password: read.text('REDIS_SENTINEL_PASSWORD'),
          }
        : undefined,
    };
    this.dependencyPatienceMs = read.integer('DEPENDENCY_PATIENCE_MS', 4000, 100, 60_000);
    this.session = {
      secret: read.matching('SESSION_SECRET', /^.{32,}$/s, 'must have at least 32 characters'),
      ttlSeconds: read.integer('SESSION_TTL_SECONDS', 604_800, 60, 31_536_000),
      cookieSecure: read.oneOf('COOKIE_SECURE', ['false', 'true'], 'false') === 'true',
    };
    this.uiOrigin = read.origin('UI_ORIGIN');
    this.trustProxy = read.networks('TRUST_PROXY');
    this.shutdownTimeoutSeconds = read.integer('SHUTDOWN_TIMEOUT_SECONDS', 10, 1, 3600);
    this.logLevel = read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info');

    if (this.port === this.metricsPort) {
      read.faults.push('METRICS_PORT must differ from PORT');
    }
    if (read.faults.length > 0) {
      throw new SettingsError(read.faults);
    }
  }
}

/** Faults name the variable and the rule, never the value: it may be a secret. */
class EnvironmentReader {
  readonly faults: string[] = [];

  constructor(private readonly environment: NodeJS.ProcessEnv) {}

  text(name: string, fallback?: string): string {
    const given = this.environment[name] ?? '';
    if (given === '' && fallback === undefined) {
      this.faults.push(`${name} is missing`);
    }
    return given === '' ? (fallback ?? '') : given;
  }

  matching(name: string, pattern: RegExp, rule: string): string {
    const value = this.text(name);
    if (value !== '' && !pattern.test(value)) {
      this.faults.push(`${name} ${rule}`);
    }
    return value;
  }

  integer(name: string, fallback: number, least: number, most: number): number {
    const value = this.text(name, String(fallback));
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most) {
      this.faults.push(`${name} must be a whole number from ${least} to ${most}`);
    }
    return number;
  }

  port(name: string, fallback: number): number {
    return this.integer(name, fallback, 1, 65_535);
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.text(name, fallback);
    const match = allowed.find((candidate) => candidate === value);
    if (match === undefined) {
      this.faults.push(`${name} must be one of ${allowed.join(', ')}`);
    }
    return match ?? fallback;
  }

  origin(name: string): string {
    const value = this.text(name);
    if (value !== '' && (!URL.canParse(value) || new URL(value).origin !== value)) {
      this.faults.push(`${name} must be an exact origin such as https://gym.example, without path or trailing slash`);
    }
    return value;
  }

  addresses(name: string): Address[] {
    const addresses = this.list(name).map(toAddress);
    const known = addresses.filter((address) => address !== undefined);
    if (known.length === addresses.length) {
      return known;
    }
    this.faults.push(`${name} must be pairs of host and port such as 192.0.2.1:26379, separated by commas`);
    return [];
  }

  networks(name: string): string[] {
    const networks = this.list(name);
    if (!networks.every(isNetwork)) {
      this.faults.push(`${name} must be addresses or networks, separated by commas`);
    }
    return networks;
  }

  private list(name: string): string[] {
    return this.text(name, '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
}

function toAddress(value: string): Address | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([\da-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

function isNetwork(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return bits > 0 && rest.length === 0 && (prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= bits));
}
