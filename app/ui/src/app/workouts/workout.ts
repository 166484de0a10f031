export interface Exercise {
  readonly name: string;
  readonly sets: number;
  readonly repetitions: number;
  readonly weightKg: number;
}

export interface WorkoutDraft {
  readonly name: string;
  /** YYYY-MM-DD, a day on the person's calendar. */
  readonly performedOn: string;
  readonly notes: string;
  readonly exercises: readonly Exercise[];
}

export interface Workout extends WorkoutDraft {
  readonly id: number;
}

export interface WorkoutPage {
  readonly items: readonly Workout[];
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
}

/** Today where the person is: the ISO form of a Date would give the day in Greenwich. */
export function today(now = new Date()): string {
  const part = (value: number): string => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())}`;
}

/** As lifters write it: 3 × 8 × 80 kg, and without the weight for body-weight exercises. */
export function exerciseLoad({ sets, repetitions, weightKg }: Exercise): string {
  const work = `${sets} × ${repetitions}`;
  return weightKg > 0 ? `${work} × ${weightKg} kg` : work;
}

export function pageCount({ total, pageSize }: Pick<WorkoutPage, 'total' | 'pageSize'>): number {
  return Math.max(1, Math.ceil(total / pageSize));
}

/** A page number out of an address that anybody may have typed. */
export function pageNumber(text: string | undefined): number {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : 1;
}
