import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { describeProblem } from '../http/problem';
import { NewRoomForm } from './new-room-form';
import { Rooms } from './rooms';

@Component({
  selector: 'app-chat-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, RouterLinkActive, RouterOutlet, NewRoomForm],
  providers: [Rooms],
  host: { class: 'chat' },
  templateUrl: './chat-page.html',
})
export class ChatPage {
  protected readonly rooms = inject(Rooms).list;

  protected readonly problem = computed(() => {
    const error = this.rooms.error();
    return error ? describeProblem(error.cause ?? error) : '';
  });
}
