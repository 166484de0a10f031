import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface';
import { EXPOSED_HEADERS } from './instance-headers';

export function corsFor(uiOrigin: string): CorsOptions {
  return { origin: uiOrigin, credentials: true, exposedHeaders: EXPOSED_HEADERS, maxAge: 600 };
}

/**
 * CORS only hides answers from a foreign page; it neither keeps a form from being posted nor a
 * websocket from being opened with the user's cookie. A caller that is no browser sends no Origin.
 */
export function isForeignOrigin(origin: string | undefined, uiOrigin: string): boolean {
  return origin !== undefined && origin !== uiOrigin;
}
