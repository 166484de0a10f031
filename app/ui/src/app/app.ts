import { ChangeDetectionStrategy, Component, effect, inject } from '@angular/core';
import { Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { LiveConnection } from './chat/live-connection';
import { Outbox } from './chat/outbox';
import { Submission } from './forms/submission';
import { PageFocus } from './page-focus';
import { Session } from './session/session';
import { entrance } from './session/session.guards';
import { StatusBadge } from './status/status-badge';

@Component({
  selector: 'app-root',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, RouterLinkActive, RouterOutlet, StatusBadge],
  templateUrl: './app.html',
})
export class App {
  readonly #session = inject(Session);
  readonly #router = inject(Router);

  protected readonly focus = inject(PageFocus);
  protected readonly user = this.#session.user;
  protected readonly leaving = new Submission();

  constructor() {
    const live = inject(LiveConnection);
    const outbox = inject(Outbox);
    effect(() => {
      if (this.user()) {
        live.open();
      } else {
        live.close();
        outbox.clear();
      }
    });
    effect(() => {
      if (this.#session.expired()) {
        void this.#router.navigateByUrl(entrance(this.#router, this.#router.url));
      }
    });
  }

  protected async logOut(): Promise<void> {
    await this.leaving.run(async () => {
      await this.#session.logOut();
      await this.#router.navigateByUrl('/login');
    });
  }
}
