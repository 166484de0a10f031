import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import type { AbstractControl } from '@angular/forms';
import { map, startWith, switchMap } from 'rxjs';
import { validationText } from './validation-text';

/** A label, the control given as content, and what is wrong with it once it was touched. */
@Component({
  selector: 'app-field',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'field' },
  template: `
    <label class="field__label" [for]="controlId()">{{ label() }}</label>
    <ng-content />
    @if (hint()) {
      <p class="field__hint" [id]="controlId() + '-hint'">{{ hint() }}</p>
    }
    @if (problem()) {
      <p class="field__error" [id]="controlId() + '-error'">{{ problem() }}</p>
    }
  `,
})
export class Field {
  readonly label = input.required<string>();
  readonly controlId = input.required<string>();
  readonly control = input.required<AbstractControl>();
  readonly hint = input('');

  readonly #errors = toSignal(
    toObservable(this.control).pipe(
      switchMap((control) =>
        control.events.pipe(
          startWith(null),
          map(() => (control.touched ? control.errors : null)),
        ),
      ),
    ),
  );

  protected readonly problem = computed(() => {
    const errors = this.#errors();
    return errors ? validationText(errors) : '';
  });
}
