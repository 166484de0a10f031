import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { InvalidInputError } from '../http/problem';

export const IDEMPOTENCY_KEY_PATTERN = /^[\x20-\x7e]{1,64}$/;
export const IDEMPOTENCY_KEY_RULE = 'must be 1 to 64 printable ASCII characters';

/** The request's Idempotency-Key, undefined if it has none. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined =>
  readIdempotencyKey(context.switchToHttp().getRequest<Request>().get('Idempotency-Key')),
);

export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header !== undefined && !IDEMPOTENCY_KEY_PATTERN.test(header)) {
    throw new InvalidInputError([{ pointer: 'Idempotency-Key', detail: IDEMPOTENCY_KEY_RULE }]);
  }
  return header;
}
