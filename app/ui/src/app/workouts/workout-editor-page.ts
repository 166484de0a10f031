import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  input,
  numberAttribute,
} from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { RouterLink } from '@angular/router';
import { describeProblem } from '../http/problem';
import { WorkoutForm } from './workout-form';
import { WorkoutsApi } from './workouts-api';

/** Adds a workout when the address names none, else edits the one it names. */
@Component({
  selector: 'app-workout-editor-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, WorkoutForm],
  templateUrl: './workout-editor-page.html',
})
export class WorkoutEditorPage {
  readonly #api = inject(WorkoutsApi);

  readonly id = input(undefined, {
    transform: (id: string | undefined) => (id === undefined ? undefined : numberAttribute(id)),
  });

  protected readonly existing = rxResource({
    params: () => this.id(),
    stream: ({ params }) => this.#api.find(params),
  });

  protected readonly problem = computed(() => {
    const error = this.existing.error();
    return error ? describeProblem(error.cause ?? error) : '';
  });
}
