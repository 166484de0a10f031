import { HttpErrorResponse } from '@angular/common/http';
import { DestroyRef, inject, Injectable, Injector, signal } from '@angular/core';
import { takeUntilDestroyed, toObservable } from '@angular/core/rxjs-interop';
import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  firstValueFrom,
  ignoreElements,
  map,
  merge,
  type MonoTypeOperatorFunction,
  type Observable,
  retry,
  switchMap,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { Submission } from '../forms/submission';
import { describeProblem } from '../http/problem';
import { failedInTransit } from '../http/retry.interceptor';
import { HISTORY_LIMIT, messagesAfter } from './catch-up';
import { ChatApi } from './chat-api';
import { LiveConnection, type LiveStatus } from './live-connection';
import { mergeMessages, type Message } from './message';
import { Outbox } from './outbox';

const CATCH_UP_RETRY_MS = 2000;
/** All who are behind were told so at the same moment, and ask one after the other. */
const BEHIND_SPREAD_MS = 500;

/** One room's messages: history, live ones, and no gap between the two. */
@Injectable()
export class Conversation {
  readonly #api = inject(ChatApi);
  readonly #live = inject(LiveConnection);
  readonly #outbox = inject(Outbox);
  readonly #injector = inject(Injector);
  readonly #destroyRef = inject(DestroyRef);

  readonly #messages = signal<readonly Message[]>([]);
  readonly #complete = signal(false);
  readonly #hasOlder = signal(false);
  readonly #problem = signal('');

  readonly messages = this.#messages.asReadonly();
  /** Whether everything up to the latest message is here. */
  readonly complete = this.#complete.asReadonly();
  readonly hasOlder = this.#hasOlder.asReadonly();
  readonly problem = this.#problem.asReadonly();
  readonly older = new Submission();

  #roomId = 0;
  /** Some messages after this one may be missing; 0 before there are any. */
  #completeUpTo = 0;

  open(roomId: number): void {
    this.#roomId = roomId;
    merge(this.#live.messages, this.#outbox.delivered)
      .pipe(
        filter((message) => message.roomId === roomId),
        takeUntilDestroyed(this.#destroyRef),
      )
      .subscribe((message) => {
        this.#add([message]);
      });
    const changes = toObservable(this.#live.status, { injector: this.#injector }).pipe(
      this.#marksIncomplete(),
      // History is there without a live connection, too; afterwards only a new one
      // can bring what was missed.
      filter(({ state }, index) => index === 0 || state === 'open'),
    );
    const behind = this.#live.behind.pipe(
      this.#marksIncomplete(),
      switchMap(() => timer(Math.random() * BEHIND_SPREAD_MS)),
      map(() => this.#live.status()),
      // A new connection brings what was missed, too.
      filter(({ state }) => state === 'open'),
    );
    merge(changes, behind)
      .pipe(
        switchMap((status) => this.#catchUp(status)),
        takeUntilDestroyed(this.#destroyRef),
      )
      .subscribe();
    this.#destroyRef.onDestroy(() => {
      this.#live.leave(roomId);
    });
  }

  async loadOlder(): Promise<void> {
    const [first] = this.#messages();
    if (!first) return;
    await this.older.run(async () => {
      const page = await firstValueFrom(this.#api.messages(this.#roomId, { before: first.id }));
      this.#hasOlder.set(page.length >= HISTORY_LIMIT);
      this.#add(page);
    });
  }

  #marksIncomplete<T>(): MonoTypeOperatorFunction<T> {
    return tap(() => {
      this.#complete.set(false);
    });
  }

  /** Joins before it reads, so that nothing falls between history and live messages. */
  #catchUp({ state }: LiveStatus): Observable<never> {
    const join = state === 'open' ? defer(() => this.#live.join(this.#roomId)) : EMPTY;
    return concat(join, defer(() => this.#missing())).pipe(
      ignoreElements(),
      retry({
        delay: (error: unknown) => {
          this.#problem.set(describeProblem(error));
          return isDefinite(error) ? throwError(() => error) : timer(CATCH_UP_RETRY_MS);
        },
      }),
      catchError(() => EMPTY),
    );
  }

  #missing(): Observable<readonly Message[]> {
    const pages =
      this.#completeUpTo === 0
        ? this.#api.messages(this.#roomId).pipe(
            tap((page) => {
              this.#hasOlder.set(page.length >= HISTORY_LIMIT);
            }),
          )
        : messagesAfter(this.#completeUpTo, (after) => this.#api.messages(this.#roomId, { after }));
    return pages.pipe(
      tap({
        next: (page) => {
          this.#add(page);
        },
        complete: () => {
          this.#problem.set('');
          this.#complete.set(true);
          this.#advance();
        },
      }),
    );
  }

  #add(messages: readonly Message[]): void {
    this.#messages.update((known) => mergeMessages(known, messages));
    if (this.#complete()) this.#advance();
  }

  #advance(): void {
    this.#completeUpTo = this.#messages().at(-1)?.id ?? 0;
  }
}

function isDefinite(error: unknown): boolean {
  return error instanceof HttpErrorResponse && !failedInTransit(error);
}
