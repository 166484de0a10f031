import { inject, Injectable } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import type { CreationKey } from '../http/idempotency-key';
import { ChatApi } from './chat-api';
import type { Room } from './room';

/** The rooms that the chat page and the room within it both show. */
@Injectable()
export class Rooms {
  readonly #api = inject(ChatApi);

  readonly list = rxResource({ stream: () => this.#api.rooms() });

  async create(name: string, key: CreationKey): Promise<Room> {
    const room = await this.#api.createRoom(name, key);
    this.list.update((rooms = []) =>
      rooms.some(({ id }) => id === room.id) ? rooms : [...rooms, room],
    );
    return room;
  }

  name(id: number): string | undefined {
    return this.list.hasValue() ? this.list.value().find((room) => room.id === id)?.name : undefined;
  }
}
