import { ErrorReply } from 'redis';

/** Replies of one that is no master any more, or of a master that has lost its replicas, perhaps to a new one. */
const NO_MASTER = /^(READONLY|NOREPLICAS|MASTERDOWN|UNBLOCKED)\b/;
const LOADING = /^LOADING\b/;

export function isFromNoMaster(error: unknown): boolean {
  return error instanceof ErrorReply && NO_MASTER.test(error.message);
}

/** It may succeed soon, on this host or another. What Redis refuses for any other reason, it will refuse again. */
export function isRedisUnavailable(error: unknown): boolean {
  return !(error instanceof ErrorReply) || NO_MASTER.test(error.message) || LOADING.test(error.message);
}
