import { HttpClient } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { map, type Observable } from 'rxjs';
import { create } from '../http/creation';
import type { CreationKey } from '../http/idempotency-key';
import { HISTORY_LIMIT } from './catch-up';
import type { Message } from './message';
import type { Room } from './room';

@Injectable({ providedIn: 'root' })
export class ChatApi {
  readonly #http = inject(HttpClient);

  rooms(): Observable<readonly Room[]> {
    return this.#http.get<readonly Room[]>('/rooms');
  }

  createRoom(name: string, key: CreationKey): Promise<Room> {
    return create<Room>(this.#http, '/rooms', { name }, key);
  }

  /** The latest messages, or those on one side of a message. */
  messages(
    roomId: number,
    side: { after?: number; before?: number } = {},
  ): Observable<readonly Message[]> {
    return this.#http
      .get<{ items: readonly Message[] }>(`/rooms/${roomId}/messages`, {
        params: { ...side, limit: HISTORY_LIMIT },
      })
      .pipe(map(({ items }) => items));
  }

  postMessage(roomId: number, text: string, key: CreationKey): Promise<Message> {
    return create<Message>(this.#http, `/rooms/${roomId}/messages`, { text }, key);
  }
}
