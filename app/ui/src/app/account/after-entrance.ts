/** Where a person goes once logged in: to the page that asked for it. */
export function afterEntrance(returnUrl: string | undefined): string {
  return returnUrl ?? '/workouts';
}
