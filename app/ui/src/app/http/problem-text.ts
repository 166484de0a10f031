import { isTransient } from './retry-policy';

/** RFC 9457, as far as the API uses it. */
interface ProblemDocument {
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly errors?: unknown;
}

export function problemText(status: number, body: unknown): string {
  const problem = asProblem(body);
  const text = [problem.detail, problem.title].find(isText) ?? withoutProblem(status);
  return [text, ...fieldErrors(problem.errors)].join(' ');
}

function withoutProblem(status: number): string {
  if (status === 0) return 'DiscordGym does not answer. Check your connection and try again.';
  if (isTransient(status)) return 'DiscordGym does not answer right now. Try again in a moment.';
  return `The server answered ${status}.`;
}

function asProblem(body: unknown): ProblemDocument {
  return typeof body === 'object' && body !== null ? body : {};
}

function fieldErrors(errors: unknown): string[] {
  if (!Array.isArray(errors)) return [];
  return errors
    .map((error: unknown) => asProblem(error).detail)
    .filter(isText)
    .map((detail) => `${capitalised(detail)}.`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
