import {
  HttpErrorResponse,
  HttpHeaderResponse,
  type HttpHeaders,
  type HttpInterceptorFn,
  HttpResponse,
} from '@angular/common/http';
import { inject } from '@angular/core';
import { tap } from 'rxjs';
import { ServedBy } from './served-by';

const SERVED_BY_HEADER = 'X-Served-By';

export const servedByInterceptor: HttpInterceptorFn = (request, next) => {
  const servedBy = inject(ServedBy);
  const note = (headers: HttpHeaders): void => {
    servedBy.note(headers.get(SERVED_BY_HEADER));
  };
  return next(request).pipe(
    tap({
      next: (event) => {
        if (event instanceof HttpResponse || event instanceof HttpHeaderResponse) {
          note(event.headers);
        }
      },
      error: (error: unknown) => {
        if (error instanceof HttpErrorResponse) note(error.headers);
      },
    }),
  );
};
