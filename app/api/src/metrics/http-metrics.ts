import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Histogram } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

@Injectable()
export class HttpMetrics {
  private readonly duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer a request, by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
  });

  observe(request: Request, response: Response): void {
    const stop = this.duration.startTimer({ method: request.method });
    // The route's pattern, never the path: ids would make a series each.
    response.once('finish', () => stop({ route: routeOf(request), status: response.statusCode }));
  }
}

function routeOf(request: Request): string {
  const { path } = (request.route ?? {}) as { path?: string };
  return path ?? 'none';
}
