import { provideHttpClient, withInterceptors } from '@angular/common/http';
import {
  type ApplicationConfig,
  inject,
  provideAppInitializer,
  provideBrowserGlobalErrorListeners,
  provideZonelessChangeDetection,
} from '@angular/core';
import { provideRouter, TitleStrategy, withComponentInputBinding } from '@angular/router';
import { routes } from './app.routes';
import { apiInterceptor } from './http/api.interceptor';
import { retryInterceptor } from './http/retry.interceptor';
import { PageTitle } from './page-title';
import { sessionExpiryInterceptor } from './session/session-expiry.interceptor';
import { RuntimeConfig } from './start/runtime-config';
import { servedByInterceptor } from './status/served-by.interceptor';

export const appConfig: ApplicationConfig = {
  providers: [
    provideZonelessChangeDetection(),
    provideBrowserGlobalErrorListeners(),
    provideAppInitializer(() => inject(RuntimeConfig).load()),
    provideRouter(routes, withComponentInputBinding()),
    { provide: TitleStrategy, useClass: PageTitle },
    provideHttpClient(
      // The last one is nearest to the network: the badge sees every attempt, the
      // session only the final answer.
      withInterceptors([
        apiInterceptor,
        sessionExpiryInterceptor,
        retryInterceptor,
        servedByInterceptor,
      ]),
    ),
  ],
};
