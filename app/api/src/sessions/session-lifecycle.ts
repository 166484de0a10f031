import type { Request } from 'express';
import { UnavailableError } from '../http/problem';
import type { SessionUser } from './session-data';

/** A new id for whoever logs in, so that an id planted before is worth nothing afterwards. */
export async function startSession(request: Request, user: SessionUser): Promise<void> {
  await stored((done) => request.session.regenerate(done));
  request.session.user = { id: user.id, username: user.username };
  // The middleware saves too, but only after the answer was decided: it could not report a failure any more.
  await stored((done) => request.session.save(done));
}

export async function endSession(request: Request): Promise<void> {
  await stored((done) => request.session.destroy(done));
}

async function stored(operation: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    operation((error) => {
      if (error === undefined || error === null) {
        resolve();
      } else {
        reject(new UnavailableError('The session store does not answer.', { cause: error }));
      }
    });
  });
}
