import { Injectable, type NestMiddleware } from '@nestjs/common';
import { RedisStore } from 'connect-redis';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import { UnavailableError } from '../http/problem';
import { Patience } from '../patience/patience';
import { RedisService } from '../redis/redis.service';
import { Settings } from '../settings/settings';
import { SessionRecords } from './session-records';

export const SESSION_COOKIE = 'discordgym.sid';

@Injectable()
export class SessionMiddleware implements NestMiddleware {
  private readonly handle: RequestHandler;

  constructor({ session: { secret, ttlSeconds, cookieSecure }, redis: { acknowledgingReplicas } }: Settings, redis: RedisService, patience: Patience) {
    this.handle = session({
      name: SESSION_COOKIE,
      secret,
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: 'lax', path: '/', secure: cookieSecure, maxAge: ttlSeconds * 1000 },
      store: new RedisStore({
        client: new SessionRecords(redis, patience, acknowledgingReplicas),
        prefix: 'session:',
        ttl: ttlSeconds,
        // The cookie ends a fixed time after the login, so the session may too, and a read stays a read.
        disableTouch: true,
      }),
    });
  }

  use(request: Request, response: Response, next: NextFunction): void {
    this.handle(request, response, (error?: unknown) => {
      next(error === undefined || error === null ? undefined : new UnavailableError('The session store does not answer.', { cause: error }));
    });
  }
}
