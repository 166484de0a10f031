import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { Router } from '@angular/router';

@Component({
  selector: 'app-unavailable-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="notice-page" role="alert">
      <h1 tabindex="-1">DiscordGym does not answer</h1>
      <p>The service cannot be reached right now. Nothing of yours is lost.</p>
      <button class="button button--primary" type="button" (click)="tryAgain()">Try again</button>
    </div>
  `,
})
export class UnavailablePage {
  readonly #router = inject(Router);

  readonly returnUrl = input('/');

  protected async tryAgain(): Promise<void> {
    await this.#router.navigateByUrl(this.returnUrl(), { onSameUrlNavigation: 'reload' });
  }
}
