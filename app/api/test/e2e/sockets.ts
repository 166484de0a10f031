import type { Socket } from 'socket.io-client';
import type { ChatMessage } from '../../src/chat/chat.types';

/** The first argument of the next such event. */
export async function next<T>(socket: Socket, event: string): Promise<T> {
  return new Promise((resolve) => socket.once(event, resolve));
}

export async function connected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', reject);
  });
}

export async function refusal(socket: Socket): Promise<Error> {
  return next<Error>(socket, 'connect_error').finally(() => socket.disconnect());
}

export function heardBy(socket: Socket): ChatMessage[] {
  const heard: ChatMessage[] = [];
  socket.on('message', (message: ChatMessage) => heard.push(message));
  return heard;
}
