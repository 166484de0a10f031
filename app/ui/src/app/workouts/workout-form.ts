import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  ElementRef,
  inject,
  Injector,
  input,
  type OnInit,
} from '@angular/core';
import { NonNullableFormBuilder, ReactiveFormsModule } from '@angular/forms';
import { Router, RouterLink } from '@angular/router';
import { correct } from '../forms/correct';
import { DescribedControl } from '../forms/described-control';
import { Field } from '../forms/field';
import { Submission } from '../forms/submission';
import { CreationKey } from '../http/idempotency-key';
import { type Exercise, today, type Workout } from './workout';
import { WorkoutsApi } from './workouts-api';

const FIRST_EXERCISE: Exercise = { name: '', sets: 3, repetitions: 10, weightKg: 0 };

@Component({
  selector: 'app-workout-form',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ReactiveFormsModule, RouterLink, Field, DescribedControl],
  templateUrl: './workout-form.html',
})
export class WorkoutForm implements OnInit {
  readonly #api = inject(WorkoutsApi);
  readonly #router = inject(Router);
  readonly #builder = inject(NonNullableFormBuilder);
  readonly #injector = inject(Injector);
  readonly #host = inject<ElementRef<HTMLElement>>(ElementRef);
  readonly #creation = new CreationKey();

  /** The workout to edit; none to add one. */
  readonly workout = input<Workout>();

  protected readonly form = this.#builder.group({
    name: '',
    performedOn: today(),
    notes: '',
    exercises: this.#builder.array([this.#exercise(FIRST_EXERCISE)]),
  });
  protected readonly submission = new Submission();

  ngOnInit(): void {
    const workout = this.workout();
    if (!workout) return;
    this.form.patchValue(workout as Workout & { exercises: Exercise[] });
    this.form.setControl(
      'exercises',
      this.#builder.array(workout.exercises.map((exercise) => this.#exercise(exercise))),
    );
  }

  protected addExercise(): void {
    const { exercises } = this.form.controls;
    exercises.push(this.#exercise({ ...FIRST_EXERCISE, ...exercises.controls.at(-1)?.getRawValue(), name: '' }));
    this.#focus(`#exercise-${exercises.length - 1}-name`);
  }

  protected removeExercise(index: number): void {
    this.form.controls.exercises.removeAt(index);
    this.#focus('#add-exercise');
  }

  protected async save(element: HTMLFormElement): Promise<void> {
    if (!correct(this.form, element)) return;
    await this.submission.run(async () => {
      const draft = this.form.getRawValue();
      const workout = this.workout();
      if (workout) await this.#api.update(workout.id, draft);
      else await this.#api.create(draft, this.#creation);
      await this.#router.navigateByUrl('/workouts');
    });
  }

  #exercise({ name, sets, repetitions, weightKg }: Exercise) {
    return this.#builder.group({ name, sets, repetitions, weightKg });
  }

  /** Focus would fall back to the page's start when the focused control comes or goes. */
  #focus(selector: string): void {
    afterNextRender(
      { write: () => this.#host.nativeElement.querySelector<HTMLElement>(selector)?.focus() },
      { injector: this.#injector },
    );
  }
}
