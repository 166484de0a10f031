import { DatePipe } from '@angular/common';
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  inject,
  input,
  type OnInit,
  viewChild,
} from '@angular/core';
import { Session } from '../session/session';
import { Conversation } from './conversation';
import { MessageComposer } from './message-composer';
import { Outbox } from './outbox';

@Component({
  selector: 'app-room-conversation',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [DatePipe, MessageComposer],
  providers: [Conversation],
  host: { class: 'conversation' },
  templateUrl: './room-conversation.html',
})
export class RoomConversation implements OnInit {
  readonly #session = inject(Session);
  private readonly log = viewChild.required<ElementRef<HTMLElement>>('log');

  readonly roomId = input.required<number>();

  protected readonly conversation = inject(Conversation);
  protected readonly outbox = inject(Outbox);
  protected readonly waiting = computed(() =>
    this.outbox.waiting().filter(({ roomId }) => roomId === this.roomId()),
  );

  ngOnInit(): void {
    this.conversation.open(this.roomId());
  }

  protected isOwn(authorId: number): boolean {
    return authorId === this.#session.user()?.id;
  }

  protected send(text: string): void {
    this.outbox.send(this.roomId(), text);
    // The log counts from its end (see chat.css): whoever was reading back sees the new message.
    this.log().nativeElement.scrollTop = 0;
  }
}
