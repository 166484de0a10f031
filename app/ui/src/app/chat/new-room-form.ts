import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { NonNullableFormBuilder, ReactiveFormsModule } from '@angular/forms';
import { Router } from '@angular/router';
import { correct } from '../forms/correct';
import { DescribedControl } from '../forms/described-control';
import { Field } from '../forms/field';
import { Submission } from '../forms/submission';
import { CreationKey } from '../http/idempotency-key';
import { Rooms } from './rooms';

@Component({
  selector: 'app-new-room-form',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ReactiveFormsModule, Field, DescribedControl],
  templateUrl: './new-room-form.html',
})
export class NewRoomForm {
  readonly #rooms = inject(Rooms);
  readonly #router = inject(Router);
  readonly #creation = new CreationKey();

  protected readonly form = inject(NonNullableFormBuilder).group({ name: '' });
  protected readonly submission = new Submission();

  protected async create(element: HTMLFormElement, details: HTMLDetailsElement): Promise<void> {
    if (!correct(this.form, element)) return;
    await this.submission.run(async () => {
      const room = await this.#rooms.create(this.form.getRawValue().name, this.#creation);
      this.form.reset();
      details.open = false;
      await this.#router.navigate(['/chat', room.id]);
    });
  }
}
