import { Prisma } from '../../src/generated/prisma/client';

/** Database errors in the shapes in which Prisma was seen to let them out. */
export function known(code: string, meta?: Record<string, unknown>): Error {
  return new Prisma.PrismaClientKnownRequestError('failed', { code, clientVersion: '7', ...(meta && { meta }) });
}

export function driver(code: number): Error {
  return known('P2039', { driverAdapterError: { cause: { kind: 'mysql', code } } });
}

/** Of a statement in SQL, which is not looked into for what it violated. */
export function rawKnown(kind: string): Error {
  return known('P2010', { driverAdapterError: { cause: { kind } } });
}

export function commitConflict(): Error {
  return Object.assign(new Error('TransactionWriteConflict'), {
    name: 'DriverAdapterError',
    cause: { kind: 'TransactionWriteConflict' },
  });
}
