import { inject, Injectable, signal } from '@angular/core';
import { concatMap, Subject } from 'rxjs';
import { describeProblem } from '../http/problem';
import { CreationKey } from '../http/idempotency-key';
import { ChatApi } from './chat-api';
import type { Message } from './message';

export interface OutgoingMessage {
  readonly key: CreationKey;
  readonly roomId: number;
  readonly text: string;
  /** Empty while it is on its way. */
  readonly problem: string;
}

/** Messages that the API has not confirmed. They outlive the room's view and the connection. */
@Injectable({ providedIn: 'root' })
export class Outbox {
  readonly #api = inject(ChatApi);
  readonly #waiting = signal<readonly OutgoingMessage[]>([]);
  readonly #delivered = new Subject<Message>();
  readonly #queue = new Subject<OutgoingMessage>();

  readonly waiting = this.#waiting.asReadonly();
  readonly delivered = this.#delivered.asObservable();

  constructor() {
    // One after the other: a retried message must not be overtaken by the next one.
    this.#queue.pipe(concatMap((message) => this.#deliver(message))).subscribe();
  }

  send(roomId: number, text: string): void {
    const message = { key: new CreationKey(), roomId, text, problem: '' };
    this.#waiting.update((waiting) => [...waiting, message]);
    this.#queue.next(message);
  }

  sendAgain(message: OutgoingMessage): void {
    const again = { ...message, problem: '' };
    this.#replace(message, again);
    this.#queue.next(again);
  }

  discard(message: OutgoingMessage): void {
    this.#replace(message);
  }

  /** What one person has not sent yet is no business of the next one's. */
  clear(): void {
    this.#waiting.set([]);
  }

  async #deliver(message: OutgoingMessage): Promise<void> {
    if (!this.#holds(message)) return;
    try {
      const delivered = await this.#api.postMessage(message.roomId, message.text, message.key);
      this.#delivered.next(delivered);
      this.#replace(message);
    } catch (error) {
      this.#replace(message, { ...message, problem: describeProblem(error) });
    }
  }

  #holds(message: OutgoingMessage): boolean {
    return this.#waiting().some(({ key }) => key === message.key);
  }

  #replace(message: OutgoingMessage, ...by: readonly OutgoingMessage[]): void {
    this.#waiting.update((waiting) =>
      waiting.flatMap((candidate) => (candidate.key === message.key ? by : [candidate])),
    );
  }
}
