import { ChangeDetectionStrategy, Component, inject, output } from '@angular/core';
import { NonNullableFormBuilder, ReactiveFormsModule } from '@angular/forms';

@Component({
  selector: 'app-message-composer',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ReactiveFormsModule],
  template: `
    <form class="composer" [formGroup]="form" (ngSubmit)="submit()">
      <label class="visually-hidden" for="message">Message</label>
      <input
        class="input"
        id="message"
        type="text"
        formControlName="text"
        placeholder="Write a message"
        autocomplete="off"
        maxlength="2000"
        enterkeyhint="send"
      />
      <button class="button button--primary" type="submit">Send</button>
    </form>
  `,
})
export class MessageComposer {
  readonly send = output<string>();

  protected readonly form = inject(NonNullableFormBuilder).group({ text: '' });

  protected submit(): void {
    const text = this.form.getRawValue().text.trim();
    if (text === '') return;
    this.send.emit(text);
    this.form.reset();
  }
}
