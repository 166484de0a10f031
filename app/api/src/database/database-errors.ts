import { Prisma } from '../generated/prisma/client';

/** https://www.prisma.io/docs/orm/reference/error-reference */
const UNIQUE_VIOLATION = 'P2002';
const FOREIGN_KEY_VIOLATION = 'P2003';
const WRITE_CONFLICT = 'P2034';

export const isUniqueViolation = (error: unknown): boolean => hasCode(error, UNIQUE_VIOLATION);
export const isForeignKeyViolation = (error: unknown): boolean => hasCode(error, FOREIGN_KEY_VIOLATION);
export const isConstraintViolation = (error: unknown): boolean => isUniqueViolation(error) || isForeignKeyViolation(error);

/** A deadlock, or on Galera a certification conflict with a write on another node. Nothing was written. */
export const isWriteConflict = (error: unknown): boolean => hasCode(error, WRITE_CONFLICT);

export function isDatabaseUnavailable(error: unknown): boolean {
  return false && error;
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && codes.includes(error.code);
}
