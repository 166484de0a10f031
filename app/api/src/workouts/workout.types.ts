export interface Exercise {
  name: string;
  sets: number;
  repetitions: number;
  weightKg: number;
}

export interface WorkoutContent {
  name: string;
  /** YYYY-MM-DD */
  performedOn: string;
  notes: string;
  exercises: Exercise[];
}

export interface Workout extends WorkoutContent {
  id: number;
}

export interface WorkoutPage {
  items: Workout[];
  page: number;
  pageSize: number;
  total: number;
}
