import { STATUS_CODES } from 'node:http';
import { HttpException, HttpStatus } from '@nestjs/common';
import { isConstraintViolation, isDatabaseUnavailable } from '../database/database-errors';

/** Points at one wrong field, as in the example of RFC 9457. */
export interface FieldFault {
  pointer: string;
  detail: string;
}

/** Problem details, RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: FieldFault[];
}

/** Something this instance depends on does not answer at the moment: worth another try. */
export class UnavailableError extends Error {}

/** Input that was understood and is wrong. */
export class InvalidInputError extends Error {
  constructor(readonly faults: FieldFault[]) {
    super(faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '));
  }
}

export function toProblem(error: unknown): Problem {
  if (error instanceof InvalidInputError) {
    return { ...problem(HttpStatus.BAD_REQUEST, 'The input is not valid.'), errors: error.faults };
  }
  if (error instanceof HttpException) {
    return problem(error.getStatus(), error.message);
  }
  if (error instanceof UnavailableError) {
    return problem(HttpStatus.SERVICE_UNAVAILABLE, error.message);
  }
  if (isDatabaseUnavailable(error)) {
    return problem(HttpStatus.SERVICE_UNAVAILABLE, 'The database does not answer.');
  }
  if (isConstraintViolation(error)) {
    return problem(HttpStatus.CONFLICT, 'The change contradicts what is stored.');
  }
  const status = clientErrorStatus(error);
  return status === undefined
    ? problem(HttpStatus.INTERNAL_SERVER_ERROR, 'The request failed; the log has the reason under its request id.')
    : problem(status, 'The request could not be read.');
}

function problem(status: number, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
}

/** Express and its body parser mark what the client did wrong by a status on the error. */
function clientErrorStatus(error: unknown): number | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
