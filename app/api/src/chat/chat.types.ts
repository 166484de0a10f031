import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { SessionUser } from '../sessions/session-data';

export interface ChatRoom {
  id: number;
  name: string;
}

export interface ChatMessage {
  id: number;
  roomId: number;
  author: SessionUser;
  text: string;
  createdAt: string;
}

interface ServerEvents {
  message: (message: ChatMessage) => void;
  /** Some messages may have got lost on their way from another instance; the history has them. */
  behind: () => void;
}

export type ChatServer = Server<DefaultEventsMap, ServerEvents, DefaultEventsMap, { user: SessionUser }>;
export type ChatSocket = Socket<DefaultEventsMap, ServerEvents, DefaultEventsMap, { user: SessionUser }>;
