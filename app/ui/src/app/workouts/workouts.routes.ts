import type { Routes } from '@angular/router';
import { WorkoutEditorPage } from './workout-editor-page';
import { WorkoutsPage } from './workouts-page';

export const workoutsRoutes: Routes = [
  { path: '', title: 'Workouts', component: WorkoutsPage },
  { path: 'new', title: 'Add a workout', component: WorkoutEditorPage },
  { path: ':id', title: 'Edit a workout', component: WorkoutEditorPage },
];
