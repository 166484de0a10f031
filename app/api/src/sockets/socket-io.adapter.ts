import { randomBytes } from 'node:crypto';
import { type IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { createAdapter } from '@socket.io/redis-adapter';
import type { Request, Response } from 'express';
import { Gauge } from 'prom-client';
import type { ServerOptions } from 'socket.io';
import type { ChatServer, ChatSocket } from '../chat/chat.types';
import { instanceHeaders } from '../http/instance-headers';
import { corsFor, isForeignOrigin } from '../http/origin';
import { Patience } from '../patience/patience';
import { RedisService } from '../redis/redis.service';
import { sessionOf } from '../sessions/session-data';
import { SessionMiddleware } from '../sessions/session-middleware';
import { Settings } from '../settings/settings';
import { Drain, DRAIN_MS } from '../shutdown/drain';
import { adapterClients } from './adapter-clients';

/** A client notices a host that went silent after the sum of both; the defaults take 45 s. */
const PING_INTERVAL_MS = 5_000;
const PING_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
const LARGEST_PACKET_BYTES = 64 * 1024;

type Next = (error?: unknown) => void;

export class SocketIoAdapter extends IoAdapter {
  private readonly settings: Settings;
  private readonly patience: Patience;
  private readonly redis: RedisService;
  private readonly sessions: SessionMiddleware;
  private readonly drain: Drain;

  constructor(app: NestExpressApplication) {
    super(app);
    this.settings = app.get(Settings);
    this.patience = app.get(Patience);
    this.redis = app.get(RedisService);
    this.sessions = app.get(SessionMiddleware);
    this.drain = app.get(Drain);
  }

  override createIOServer(port: number, options?: ServerOptions): ChatServer {
    const { instanceName, uiOrigin } = this.settings;
    const { publisher, subscriber } = adapterClients(this.redis, this.patience, () => server.local.emit('behind'));
    const serverOptions: Partial<ServerOptions> = {
      ...options,
      adapter: createAdapter(publisher, subscriber, { key: 'socket.io' }),
      cors: corsFor(uiOrigin),
      serveClient: false,
      httpCompression: false,
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: PING_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxHttpBufferSize: LARGEST_PACKET_BYTES,
      allowRequest: (request, decide) => {
        const foreign = isForeignOrigin(request.headers.origin, uiOrigin);
        decide(foreign ? 'This origin may not connect.' : null, !foreign);
      },
    };
    const server: ChatServer = super.createIOServer(port, serverOptions) as ChatServer;

    // The load balancer sends a polling client back to the instance that its session id names.
    server.engine.generateId = () => `${instanceName}.${randomBytes(15).toString('base64url')}`;
    server.engine.use((request: IncomingMessage, response: ServerResponse, next: Next) => this.admit(request, response, next));
    server.use(requireUser);
    this.drain.signal.addEventListener('abort', () => void handOver(server));
    new Gauge({
      name: 'discordgym_socket_connections',
      help: 'Live Socket.IO connections of this instance',
      collect() {
        this.set(server.engine.clientsCount);
      },
    });
    return server;
  }

  /** Runs for every HTTP request of the engine; only the first one of a connection has no session id yet. */
  private admit(request: IncomingMessage, response: ServerResponse, next: Next): void {
    for (const [name, value] of Object.entries(instanceHeaders(this.settings.instanceName, request))) {
      response.setHeader(name, value);
    }
    // An upgrade has a stand-in for a response, and no keep-alive to end.
    if (response instanceof ServerResponse) {
      this.drain.track(response);
    }
    const isHandshake = !new URL(request.url ?? '', 'http://engine').searchParams.has('sid');
    if (!isHandshake) {
      next();
    } else if (this.drain.signal.aborted) {
      response.writeHead(503, { 'Retry-After': '1' });
      response.end();
    } else {
      // A session needs no more of a request than Node's own has.
      this.sessions.use(request as Request, response as Response, next);
    }
  }
}

function requireUser(socket: ChatSocket, next: (error?: Error) => void): void {
  const user = sessionOf(socket.request)?.user;
  if (user === undefined) {
    next(Object.assign(new Error('unauthorized'), { data: { status: 401, title: 'Unauthorized', detail: 'Log in first.' } }));
  } else {
    socket.data.user = user;
    next();
  }
}

/**
 * Closes the transport, not the socket: a client that is told "disconnect" stays away, one that loses its transport
 * reconnects. A few at a time, so that the other instances are not met by all of them at once.
 */
async function handOver(server: ChatServer): Promise<void> {
  const sockets = [...server.sockets.sockets.values()];
  const pause = DRAIN_MS / 2 / (sockets.length + 1);
  for (const socket of sockets) {
    socket.conn.close();
    await sleep(pause);
  }
}
