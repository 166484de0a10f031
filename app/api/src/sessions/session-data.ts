import type { IncomingMessage } from 'node:http';
import type { Session, SessionData } from 'express-session';

export interface SessionUser {
  id: number;
  username: string;
}

declare module 'express-session' {
  interface SessionData {
    user: SessionUser;
  }
}

/** Of a request that Express did not route: a Socket.IO handshake. */
export function sessionOf(request: IncomingMessage): (Session & Partial<SessionData>) | undefined {
  return (request as { session?: Session & Partial<SessionData> }).session;
}
