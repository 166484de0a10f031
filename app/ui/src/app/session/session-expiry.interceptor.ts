import { HttpErrorResponse, type HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { tap } from 'rxjs';
import { RuntimeConfig } from '../start/runtime-config';
import { Session } from './session';

/** Notices that a session ended under the person's hands. */
export const sessionExpiryInterceptor: HttpInterceptorFn = (request, next) => {
  // Asking who one is and trying a password are answered 401 in the normal course.
  const aboutTheSession = request.url.startsWith(`${inject(RuntimeConfig).apiUrl}/auth/`);
  if (aboutTheSession) return next(request);

  const session = inject(Session);
  return next(request).pipe(
    tap({
      error: (error: unknown) => {
        if (error instanceof HttpErrorResponse && error.status === 401) session.expire();
      },
    }),
  );
};
