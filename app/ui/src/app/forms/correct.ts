import type { AbstractControl } from '@angular/forms';

/** Whether a form can be sent; if not, it shows why and takes the person to the first fault. */
export function correct(form: AbstractControl, element: HTMLFormElement): boolean {
  form.markAllAsTouched();
  if (form.valid) return true;
  // The view marks the faulty controls first.
  requestAnimationFrame(() => {
    element.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });
  return false;
}
