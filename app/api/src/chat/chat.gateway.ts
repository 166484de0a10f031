import { UseFilters, UsePipes } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import { inputValidation } from '../http/validation.pipe';
import type { Outcome } from '../idempotency/outcome';
import { sessionOf } from '../sessions/session-data';
import { RoomDto, SendDto } from './chat.dto';
import { ChatService } from './chat.service';
import type { ChatMessage, ChatServer, ChatSocket } from './chat.types';
import { ProblemAckFilter } from './problem-ack.filter';

@WebSocketGateway()
@UseFilters(ProblemAckFilter)
@UsePipes(inputValidation)
export class ChatGateway implements OnGatewayConnection<ChatSocket> {
  @WebSocketServer()
  private readonly server: ChatServer;

  constructor(private readonly chat: ChatService) {}

  async handleConnection(socket: ChatSocket): Promise<void> {
    const sessionId = sessionOf(socket.request)?.id;
    if (sessionId !== undefined) {
      await socket.join(sessionChannel(sessionId));
    }
  }

  @SubscribeMessage('join')
  async join(@ConnectedSocket() socket: ChatSocket, @MessageBody() { roomId }: RoomDto): Promise<{ ok: true }> {
    await this.chat.requireRoom(roomId);
    await socket.join(roomChannel(roomId));
    return { ok: true };
  }

  @SubscribeMessage('leave')
  async leave(@ConnectedSocket() socket: ChatSocket, @MessageBody() { roomId }: RoomDto): Promise<{ ok: true }> {
    await socket.leave(roomChannel(roomId));
    return { ok: true };
  }

  @SubscribeMessage('send')
  async send(
    @ConnectedSocket() socket: ChatSocket,
    @MessageBody() { roomId, text, idempotencyKey }: SendDto,
  ): Promise<{ message: ChatMessage }> {
    const outcome = await this.chat.send(socket.data.user, roomId, text, idempotencyKey);
    this.announce(outcome);
    return { message: outcome.body };
  }

  /** To everybody in the room on every instance, once: a replay was announced the first time. */
  announce({ body: message, replayed }: Outcome<ChatMessage>): void {
    if (!replayed) {
      this.server.to(roomChannel(message.roomId)).emit('message', message);
    }
  }

  /** Whoever logs out stops listening too, on whichever instance the socket is. */
  disconnectSession(sessionId: string): void {
    this.server.in(sessionChannel(sessionId)).disconnectSockets(true);
  }
}

function roomChannel(roomId: number): string {
  return `room:${roomId}`;
}

function sessionChannel(sessionId: string): string {
  return `session:${sessionId}`;
}
