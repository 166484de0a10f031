import { ChangeDetectionStrategy, Component, effect, inject } from '@angular/core';
import { Router } from '@angular/router';
import { Rooms } from './rooms';

/** Leads on to the first room as soon as the rooms are known. */
@Component({
  selector: 'app-first-room-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'room card' },
  template: `<h1 class="room__title" tabindex="-1">Chat</h1>`,
})
export class FirstRoomPage {
  constructor() {
    const rooms = inject(Rooms).list;
    const router = inject(Router);
    effect(() => {
      const first = rooms.hasValue() ? rooms.value()[0] : undefined;
      if (first) void router.navigate(['/chat', first.id], { replaceUrl: true });
    });
  }
}
