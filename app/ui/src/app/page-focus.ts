import { DOCUMENT } from '@angular/common';
import { afterNextRender, inject, Injectable, Injector } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router } from '@angular/router';
import { distinctUntilChanged, filter, map, skip } from 'rxjs';

/** Does for a page within the application what the browser does for a loaded one. */
@Injectable({ providedIn: 'root' })
export class PageFocus {
  readonly #document = inject(DOCUMENT);
  readonly #injector = inject(Injector);

  constructor() {
    inject(Router)
      .events.pipe(
        filter((event) => event instanceof NavigationEnd),
        // Turning to the next page of a list is no new page.
        map(({ urlAfterRedirects }) => urlAfterRedirects.split('?')[0]),
        distinctUntilChanged(),
        skip(1),
        takeUntilDestroyed(),
      )
      .subscribe(() => {
        afterNextRender({ write: () => { this.toContent(); } }, { injector: this.#injector });
      });
  }

  toContent(): void {
    this.#document.querySelector<HTMLElement>('main h1')?.focus();
  }
}
