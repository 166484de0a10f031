import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { NonNullableFormBuilder, ReactiveFormsModule } from '@angular/forms';
import { correct } from '../forms/correct';
import { DescribedControl } from '../forms/described-control';
import { Field } from '../forms/field';
import { Submission } from '../forms/submission';
import type { Credentials } from '../session/user';

@Component({
  selector: 'app-credentials-form',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ReactiveFormsModule, Field, DescribedControl],
  templateUrl: './credentials-form.html',
})
export class CredentialsForm {
  readonly action = input.required<string>();
  readonly passwordAutocomplete = input.required<'current-password' | 'new-password'>();
  readonly usernameHint = input('');
  readonly passwordHint = input('');
  readonly send = input.required<(credentials: Credentials) => Promise<void>>();

  protected readonly form = inject(NonNullableFormBuilder).group({
    username: '',
    password: '',
  });
  protected readonly submission = new Submission();

  protected async submit(element: HTMLFormElement): Promise<void> {
    if (!correct(this.form, element)) return;
    await this.submission.run(() => this.send()(this.form.getRawValue()));
  }
}
