import type { Routes } from '@angular/router';
import { anonymousOnly, signedInOnly } from './session/session.guards';

export const routes: Routes = [
  { path: '', pathMatch: 'full', redirectTo: 'workouts' },
  {
    path: 'login',
    title: 'Log in',
    canActivate: [anonymousOnly],
    loadComponent: async () => (await import('./account/login-page')).LoginPage,
  },
  {
    path: 'register',
    title: 'Register',
    canActivate: [anonymousOnly],
    loadComponent: async () => (await import('./account/register-page')).RegisterPage,
  },
  {
    path: 'workouts',
    canActivate: [signedInOnly],
    loadChildren: async () => (await import('./workouts/workouts.routes')).workoutsRoutes,
  },
  {
    path: 'chat',
    title: 'Chat',
    canActivate: [signedInOnly],
    loadChildren: async () => (await import('./chat/chat.routes')).chatRoutes,
  },
  {
    path: 'unavailable',
    title: 'Not available',
    loadComponent: async () => (await import('./session/unavailable-page')).UnavailablePage,
  },
  {
    path: '**',
    title: 'Not found',
    loadComponent: async () => (await import('./not-found-page')).NotFoundPage,
  },
];
