import { ChangeDetectionStrategy, Component, computed, inject, input, numberAttribute } from '@angular/core';
import { RoomConversation } from './room-conversation';
import { Rooms } from './rooms';

@Component({
  selector: 'app-room-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RoomConversation],
  host: { class: 'room card' },
  template: `
    <h1 class="room__title" tabindex="-1">{{ title() }}</h1>
    <!-- The router keeps this page from room to room; a conversation belongs to one. -->
    @for (id of [roomId()]; track id) {
      <app-room-conversation [roomId]="id" />
    }
  `,
})
export class RoomPage {
  readonly #rooms = inject(Rooms);

  readonly roomId = input.required({ transform: numberAttribute });

  protected readonly title = computed(() => this.#rooms.name(this.roomId()) ?? 'Chat');
}
