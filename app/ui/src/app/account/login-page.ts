import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { Session } from '../session/session';
import type { Credentials } from '../session/user';
import { afterEntrance } from './after-entrance';
import { CredentialsForm } from './credentials-form';

@Component({
  selector: 'app-login-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CredentialsForm, RouterLink],
  template: `
    <div class="account card">
      <h1 tabindex="-1">Log in</h1>
      @if (session.expired()) {
        <p role="status">Your session has ended. Please log in again.</p>
      }
      <app-credentials-form
        action="Log in"
        passwordAutocomplete="current-password"
        [send]="logIn"
      />
      <p>
        New here?
        <a routerLink="/register" queryParamsHandling="preserve">Create an account</a>
      </p>
    </div>
  `,
})
export class LoginPage {
  readonly #router = inject(Router);

  protected readonly session = inject(Session);
  readonly returnUrl = input(afterEntrance(undefined), { transform: afterEntrance });

  protected readonly logIn = async (credentials: Credentials): Promise<void> => {
    await this.session.logIn(credentials);
    await this.#router.navigateByUrl(this.returnUrl());
  };
}
