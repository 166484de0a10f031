/** Prisma's codes: https://www.prisma.io/docs/orm/reference/error-reference */
const UNIQUE_VIOLATION = 'P2002';
const FOREIGN_KEY_VIOLATION = 'P2003';
const WRITE_CONFLICT = 'P2034';
/** No connection, or none in time; and what the socket says itself, which Prisma passes through. */
const UNAVAILABLE =
  /^(P1\d{3}|P2024|P2028|P2034|P2037|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** Server errors that speak of its state and not of the statement: the same one may succeed soon. */
const UNAVAILABLE_SERVER = new Set([
  1047, // ER_UNKNOWN_COM_ERROR: how a Galera node answers that has lost its quorum
  1053, // ER_SERVER_SHUTDOWN
  1180, // ER_ERROR_DURING_COMMIT
  1205, // ER_LOCK_WAIT_TIMEOUT
  1290, // ER_OPTION_PREVENTS_STATEMENT: read-only
  1317, // ER_QUERY_INTERRUPTED
  1927, // ER_CONNECTION_KILLED
]);
/** The driver numbers its own errors from here: time ran out, or the socket closed. */
const FIRST_DRIVER_ERROR = 45_000;

interface DriverCause {
  kind?: string;
  code?: number;
}

export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === UNIQUE_VIOLATION;
export const isForeignKeyViolation = (error: unknown): boolean => codeOf(error) === FOREIGN_KEY_VIOLATION;
export const isConstraintViolation = (error: unknown): boolean => isUniqueViolation(error) || isForeignKeyViolation(error);

/** A deadlock, or on Galera a certification conflict with a write on another node. Nothing was written. */
export function isWriteConflict(error: unknown): boolean {
  return codeOf(error) === WRITE_CONFLICT || driverCauseOf(error).kind === 'TransactionWriteConflict';
}

export function isDatabaseUnavailable(error: unknown): boolean {
  const { code = 0 } = driverCauseOf(error);
  return isWriteConflict(error) || UNAVAILABLE.test(codeOf(error)) || UNAVAILABLE_SERVER.has(code) || code >= FIRST_DRIVER_ERROR;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/**
 * What the driver made of it. Prisma wraps a statement's failure in an error of its own, but lets that of a COMMIT
 * out as it is, and there Galera's certification fails.
 */
function driverCauseOf(error: unknown): DriverCause {
  if (!(error instanceof Error)) {
    return {};
  }
  if (error.name === 'DriverAdapterError') {
    return error.cause ?? {};
  }
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: DriverCause } } };
  return meta?.driverAdapterError?.cause ?? {};
}
