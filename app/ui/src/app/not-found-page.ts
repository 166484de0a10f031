import { ChangeDetectionStrategy, Component } from '@angular/core';
import { RouterLink } from '@angular/router';

@Component({
  selector: 'app-not-found-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink],
  template: `
    <div class="notice-page">
      <h1 tabindex="-1">There is nothing here</h1>
      <p>The address does not lead to any page.</p>
      <a class="button button--primary" routerLink="/workouts">Go to your workouts</a>
    </div>
  `,
})
export class NotFoundPage {}
