import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { RouterLink } from '@angular/router';
import { describeProblem } from '../http/problem';
import { PageFocus } from '../page-focus';
import { pageCount, pageNumber } from './workout';
import { WorkoutCard } from './workout-card';
import { WorkoutsApi } from './workouts-api';

@Component({
  selector: 'app-workouts-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, WorkoutCard],
  templateUrl: './workouts-page.html',
})
export class WorkoutsPage {
  readonly #api = inject(WorkoutsApi);
  readonly #focus = inject(PageFocus);

  readonly page = input(1, { transform: pageNumber });

  protected readonly workouts = rxResource({
    params: () => this.page(),
    stream: ({ params }) => this.#api.page(params),
  });

  protected readonly problem = computed(() => {
    const error = this.workouts.error();
    return error ? describeProblem(error.cause ?? error) : '';
  });

  protected readonly pages = computed(() =>
    this.workouts.hasValue() ? pageCount(this.workouts.value()) : 1,
  );

  protected forget(): void {
    this.workouts.reload();
    // The button that had the focus goes with its card.
    this.#focus.toContent();
  }
}
