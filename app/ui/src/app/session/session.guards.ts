import { inject } from '@angular/core';
import { type CanActivateFn, RedirectCommand, Router, type UrlTree } from '@angular/router';
import { Session } from './session';

export const signedInOnly: CanActivateFn = (_route, state) => {
  const router = inject(Router);
  return decide(state.url, (signedIn) => signedIn || entrance(router, state.url));
};

export const anonymousOnly: CanActivateFn = (_route, state) => {
  const router = inject(Router);
  return decide(state.url, (signedIn) => !signedIn || router.parseUrl('/workouts'));
};

export function entrance(router: Router, returnUrl: string): UrlTree {
  return router.createUrlTree(['/login'], { queryParams: { returnUrl } });
}

async function decide(
  url: string,
  verdict: (signedIn: boolean) => boolean | UrlTree,
): Promise<boolean | UrlTree | RedirectCommand> {
  const router = inject(Router);
  try {
    return verdict((await inject(Session).restore()) !== null);
  } catch {
    // The address stays, so that reloading the page is a way to try again, too.
    return new RedirectCommand(
      router.createUrlTree(['/unavailable'], { queryParams: { returnUrl: url } }),
      { skipLocationChange: true },
    );
  }
}
