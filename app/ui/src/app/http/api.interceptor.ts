import type { HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { RuntimeConfig } from '../start/runtime-config';

/** Sends every request to the API, with the session cookie. */
export const apiInterceptor: HttpInterceptorFn = (request, next) =>
  next(
    request.clone({
      url: inject(RuntimeConfig).apiUrl + request.url,
      withCredentials: true,
    }),
  );
