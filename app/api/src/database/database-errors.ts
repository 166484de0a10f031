/** Prisma's codes: https://www.prisma.io/docs/orm/reference/error-reference */
const UNIQUE_VIOLATION = 'P2002';
const FOREIGN_KEY_VIOLATION = 'P2003';
const WRITE_CONFLICT = 'P2034';
/** No connection, or none in time; and what the socket says itself, which Prisma passes through. */
const UNAVAILABLE =
  /^(P1\d{3}|P2024|P2028|P2034|P2037|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

const DEADLOCK = 1213;
/** Server errors that speak of its state and not of the statement: the same one may succeed soon. */
const UNAVAILABLE_SERVER = new Set([
  1020, // ER_CHECKREAD: a snapshot that has become too old to write on
  1040, // ER_CON_COUNT_ERROR
  1047, // ER_UNKNOWN_COM_ERROR: how a Galera node answers that has lost its quorum
  1053, // ER_SERVER_SHUTDOWN
  1180, // ER_ERROR_DURING_COMMIT
  1203, // ER_TOO_MANY_USER_CONNECTIONS
  1205, // ER_LOCK_WAIT_TIMEOUT
  1290, // ER_OPTION_PREVENTS_STATEMENT: read-only
  1317, // ER_QUERY_INTERRUPTED
  1792, // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1927, // ER_CONNECTION_KILLED
]);
/** The driver numbers its own errors from here: time ran out, or the socket closed. */
const FIRST_DRIVER_ERROR = 45_000;
/** What Prisma makes of some numbers, which are gone then. */
const WRITE_CONFLICT_KIND = 'TransactionWriteConflict';
const UNAVAILABLE_KIND = 'TooManyConnections';

interface DriverCause {
  kind?: string;
  code?: number;
}

// Of a statement written in SQL, Prisma tells only what the driver made of it.
export const isUniqueViolation = (error: unknown): boolean =>
  codeOf(error) === UNIQUE_VIOLATION || driverCauseOf(error).kind === 'UniqueConstraintViolation';
export const isForeignKeyViolation = (error: unknown): boolean =>
  codeOf(error) === FOREIGN_KEY_VIOLATION || driverCauseOf(error).kind === 'ForeignKeyConstraintViolation';
export const isConstraintViolation = (error: unknown): boolean => isUniqueViolation(error) || isForeignKeyViolation(error);

/** A deadlock, or on Galera a certification conflict with a write on another node. Nothing was written. */
export function isWriteConflict(error: unknown): boolean {
  return codeOf(error) === WRITE_CONFLICT || driverCauseOf(error).kind === WRITE_CONFLICT_KIND;
}

/** It may succeed soon. What a failed statement did is known only of a conflict. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const { code = 0, kind } = driverCauseOf(error);
  return (
    isWriteConflict(error) ||
    UNAVAILABLE.test(codeOf(error)) ||
    UNAVAILABLE_SERVER.has(code) ||
    code >= FIRST_DRIVER_ERROR ||
    kind === UNAVAILABLE_KIND
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/**
 * What the driver made of it. Prisma wraps a statement's failure in an error of its own, but lets that of a COMMIT
 * out as it is, and there Galera's certification fails. Below Prisma it is the driver's own error, with a number.
 */
function driverCauseOf(error: unknown): DriverCause {
  if (!(error instanceof Error)) {
    return {};
  }
  if (error.name === 'DriverAdapterError') {
    return error.cause ?? {};
  }
  const { errno, meta } = error as { errno?: number; meta?: { driverAdapterError?: { cause?: DriverCause } } };
  if (errno !== undefined) {
    return errno === DEADLOCK ? { kind: WRITE_CONFLICT_KIND } : { code: errno };
  }
  return meta?.driverAdapterError?.cause ?? {};
}
