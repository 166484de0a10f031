import { HttpErrorResponse } from '@angular/common/http';
import { problemText } from './problem-text';

/** What went wrong, in a sentence for the person in front of the screen. */
export function describeProblem(error: unknown): string {
  return error instanceof HttpErrorResponse
    ? problemText(error.status, error.error)
    : problemText(0, undefined);
}
