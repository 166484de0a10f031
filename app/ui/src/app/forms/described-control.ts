import { Directive, ElementRef, inject, input } from '@angular/core';
import { NgControl } from '@angular/forms';

/** Tells assistive technology what `app-field` shows beside the control. */
@Directive({
  selector: '[formControlName][id]',
  host: {
    '[attr.aria-invalid]': 'broken() ? true : null',
    '[attr.aria-describedby]': 'describedBy()',
  },
})
export class DescribedControl {
  readonly #control = inject(NgControl);
  readonly #element = inject<ElementRef<HTMLElement>>(ElementRef);

  readonly hinted = input(false);

  protected broken(): boolean {
    return this.#control.touched === true && this.#control.invalid === true;
  }

  protected describedBy(): string | null {
    const { id } = this.#element.nativeElement;
    const parts = [];
    if (this.hinted()) parts.push(`${id}-hint`);
    if (this.broken()) parts.push(`${id}-error`);
    return parts.length > 0 ? parts.join(' ') : null;
  }
}
