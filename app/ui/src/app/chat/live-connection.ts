import { HttpErrorResponse } from '@angular/common/http';
import { inject, Injectable, signal } from '@angular/core';
import { Subject } from 'rxjs';
import { io, type Socket } from 'socket.io-client';
import { Session } from '../session/session';
import { RuntimeConfig } from '../start/runtime-config';
import { instanceOf } from './engine-session';
import type { Message } from './message';

export type LiveStatus =
  | { readonly state: 'closed' | 'connecting' | 'lost' }
  | { readonly state: 'open'; readonly instance: string };

interface JoinAcknowledgement {
  readonly error?: { readonly status: number };
}

const CONNECT_TIMEOUT_MS = 5000;
const JOIN_TIMEOUT_MS = 5000;
const RECONNECT_DELAY_MS = 250;
const RECONNECT_DELAY_MAX_MS = 2000;

/** The one Socket.IO connection of a logged-in person; it comes back by itself. */
@Injectable({ providedIn: 'root' })
export class LiveConnection {
  readonly #config = inject(RuntimeConfig);
  readonly #session = inject(Session);
  readonly #status = signal<LiveStatus>({ state: 'closed' });
  readonly #messages = new Subject<Message>();
  readonly #behind = new Subject<void>();
  #socket: Socket | undefined;

  /** A new object at each new connection: rooms are to be joined again. */
  readonly status = this.#status.asReadonly();
  readonly messages = this.#messages.asObservable();
  /** The instance lost touch with the others for a moment: some messages may be missing. */
  readonly behind = this.#behind.asObservable();

  open(): void {
    if (this.#socket) return;
    this.#status.set({ state: 'connecting' });
    this.#socket = this.#connect();
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.disconnect();
    this.#status.set({ state: 'closed' });
  }

  async join(roomId: number): Promise<void> {
    const acknowledgement = (await this.#socket
      ?.timeout(JOIN_TIMEOUT_MS)
      .emitWithAck('join', { roomId })) as JoinAcknowledgement | undefined;
    const error = acknowledgement?.error;
    // The same problem document that an HTTP request would have been answered with.
    if (error) throw new HttpErrorResponse({ status: error.status, error });
  }

  leave(roomId: number): void {
    // Nothing to leave without a connection, and socket.io would keep the word for the next one.
    if (this.#socket?.connected) this.#socket.emit('leave', { roomId });
  }

  #connect(): Socket {
    const socket = io(this.#config.apiUrl, {
      withCredentials: true,
      timeout: CONNECT_TIMEOUT_MS,
      reconnectionDelay: RECONNECT_DELAY_MS,
      reconnectionDelayMax: RECONNECT_DELAY_MAX_MS,
    });
    socket.on('connect', () => {
      this.#status.set({ state: 'open', instance: instanceOf(socket.io.engine.id) });
    });
    socket.on('message', (message: Message) => {
      this.#messages.next(message);
    });
    socket.on('behind', () => {
      this.#behind.next();
    });
    socket.on('disconnect', () => {
      this.#lost(socket);
    });
    socket.on('connect_error', () => {
      this.#lost(socket);
    });
    return socket;
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#status.set({ state: 'lost' });
    // Socket.IO comes back by itself from a broken line, but not when the server sent it
    // away: because it stops, or because the session has ended.
    if (!socket.active) void this.#comeBack(socket);
  }

  async #comeBack(socket: Socket): Promise<void> {
    await pause(RECONNECT_DELAY_MS * (1 + Math.random()));
    if (socket !== this.#socket) return;
    const sessionEnded = await this.#session.verify().then(
      (user) => user === null,
      () => false,
    );
    if (socket === this.#socket && !sessionEnded) socket.connect();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
