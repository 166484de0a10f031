import { DatePipe } from '@angular/common';
import {
  afterNextRender,
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  inject,
  Injector,
  input,
  type OnInit,
  viewChild,
} from '@angular/core';
import { Session } from '../session/session';
import { Conversation } from './conversation';
import { MessageComposer } from './message-composer';
import { Outbox } from './outbox';

/** Closer to the end than this, a person reads along and wants to see what comes. */
const READING_ALONG_PX = 48;

@Component({
  selector: 'app-room-conversation',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [DatePipe, MessageComposer],
  providers: [Conversation],
  host: { class: 'conversation' },
  templateUrl: './room-conversation.html',
})
export class RoomConversation implements OnInit {
  readonly #injector = inject(Injector);
  readonly #session = inject(Session);
  private readonly log = viewChild.required<ElementRef<HTMLElement>>('log');
  #readingAlong = true;

  readonly roomId = input.required<number>();

  protected readonly conversation = inject(Conversation);
  protected readonly outbox = inject(Outbox);
  protected readonly waiting = computed(() =>
    this.outbox.waiting().filter(({ roomId }) => roomId === this.roomId()),
  );

  constructor() {
    afterRenderEffect({
      write: () => {
        this.conversation.messages();
        this.waiting();
        const log = this.log().nativeElement;
        if (this.#readingAlong) log.scrollTop = log.scrollHeight;
      },
    });
  }

  ngOnInit(): void {
    this.conversation.open(this.roomId());
  }

  protected isOwn(authorId: number): boolean {
    return authorId === this.#session.user()?.id;
  }

  protected noteScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.log().nativeElement;
    this.#readingAlong = scrollHeight - scrollTop - clientHeight < READING_ALONG_PX;
  }

  protected async loadOlder(): Promise<void> {
    const log = this.log().nativeElement;
    const fromEnd = log.scrollHeight - log.scrollTop;
    await this.conversation.loadOlder();
    // What was read stays where it was; the older messages grow above it.
    afterNextRender(
      { write: () => (log.scrollTop = log.scrollHeight - fromEnd) },
      { injector: this.#injector },
    );
  }
}
