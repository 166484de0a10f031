import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { CreationKey } from '../http/idempotency-key';
import { Session } from '../session/session';
import type { Credentials } from '../session/user';
import { afterEntrance } from './after-entrance';
import { CredentialsForm } from './credentials-form';

@Component({
  selector: 'app-register-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CredentialsForm, RouterLink],
  template: `
    <div class="account card">
      <h1 tabindex="-1">Create an account</h1>
      <app-credentials-form
        action="Register"
        passwordAutocomplete="new-password"
        usernameHint="3 to 32 letters, digits, dots, dashes or underscores"
        passwordHint="At least 8 characters"
        [send]="register"
      />
      <p>
        Already have one?
        <a routerLink="/login" queryParamsHandling="preserve">Log in</a>
      </p>
    </div>
  `,
})
export class RegisterPage {
  readonly #session = inject(Session);
  readonly #router = inject(Router);
  readonly #creation = new CreationKey();

  readonly returnUrl = input(afterEntrance(undefined), { transform: afterEntrance });

  protected readonly register = async (credentials: Credentials): Promise<void> => {
    await this.#session.register(credentials, this.#creation);
    await this.#router.navigateByUrl(this.returnUrl());
  };
}
