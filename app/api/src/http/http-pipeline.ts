import { ForbiddenException } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { HttpMetrics } from '../metrics/http-metrics';
import { Settings } from '../settings/settings';
import { Drain } from '../shutdown/drain';
import { instanceHeaders } from './instance-headers';
import { corsFor, isForeignOrigin } from './origin';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What holds for every answer, errors and CORS preflights included, and therefore comes before Nest's own routing. */
export function useHttpPipeline(app: NestExpressApplication): void {
  const settings = app.get(Settings);
  const drain = app.get(Drain);
  const metrics = app.get(HttpMetrics);

  app.set('trust proxy', [...settings.trustProxy]);
  app.set('etag', false);
  app.use((request: Request, response: Response, next: NextFunction) => {
    response.set(instanceHeaders(settings.instanceName, request));
    response.set('Cache-Control', 'no-store');
    drain.track(response);
    metrics.observe(request, response);
    next();
  });
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } } }));
  app.enableCors(corsFor(settings.uiOrigin));
  app.use((request: Request, _response: Response, next: NextFunction) => {
    const refused = !SAFE_METHODS.has(request.method) && isForeignOrigin(request.headers.origin, settings.uiOrigin);
    next(refused ? new ForbiddenException('This origin may not change anything here.') : undefined);
  });
}
