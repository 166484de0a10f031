import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import { REPLAYED_HEADER } from '../http/instance-headers';
import { Outcome } from './outcome';

/** Turns the Outcome that a handler returns into the answer's status, header and body. */
@Injectable()
export class OutcomeInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    return next.handle().pipe(
      map((result) => {
        if (!(result instanceof Outcome)) {
          return result;
        }
        const response = context.switchToHttp().getResponse<Response>();
        response.status(result.status);
        if (result.replayed) {
          response.set(REPLAYED_HEADER, 'true');
        }
        return result.body as object;
      }),
    );
  }
}
