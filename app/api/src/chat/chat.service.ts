import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { isForeignKeyViolation, isUniqueViolation } from '../database/database-errors';
import { PrismaService } from '../database/prisma.service';
import type { Prisma } from '../generated/prisma/client';
import { InvalidInputError } from '../http/problem';
import { IdempotentWrites } from '../idempotency/idempotent-writes';
import type { Outcome } from '../idempotency/outcome';
import type { SessionUser } from '../sessions/session-data';
import type { HistoryDto } from './chat.dto';
import type { ChatMessage, ChatRoom } from './chat.types';

const WITH_AUTHOR = { author: { select: { id: true, username: true } } } as const satisfies Prisma.MessageInclude;

@Injectable()
export class ChatService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly writes: IdempotentWrites,
  ) {}

  rooms(): Promise<ChatRoom[]> {
    return this.prisma.room.findMany({ orderBy: { id: 'asc' } });
  }

  createRoom(ownerId: number, name: string, key: string | undefined): Promise<Outcome<ChatRoom>> {
    return this.writes.run({ key, ownerId, operation: 'create room', payload: { name } }, async (transaction) => {
      try {
        return await transaction.room.create({ data: { name } });
      } catch (error) {
        throw isUniqueViolation(error) ? new ConflictException('There is a room of this name.') : error;
      }
    });
  }

  async requireRoom(id: number): Promise<void> {
    if ((await this.prisma.room.findUnique({ where: { id }, select: { id: true } })) === null) {
      throw noSuchRoom();
    }
  }

  /** Ascending by id whichever way it pages: forward after an id, backward before one, or from the end. */
  async history(roomId: number, { after, before, limit }: HistoryDto): Promise<ChatMessage[]> {
    if (after !== undefined && before !== undefined) {
      throw new InvalidInputError([{ pointer: '#/before', detail: 'after and before exclude each other' }]);
    }
    await this.requireRoom(roomId);
    const forward = after !== undefined;
    const records = await this.prisma.message.findMany({
      where: { roomId, id: { ...(forward && { gt: after }), ...(before !== undefined && { lt: before }) } },
      include: WITH_AUTHOR,
      orderBy: { id: forward ? 'asc' : 'desc' },
      take: limit,
    });
    const messages = records.map(({ id, author, text, createdAt }) => ({
      id,
      roomId,
      author,
      text,
      createdAt: createdAt.toISOString(),
    }));
    return forward ? messages : messages.reverse();
  }

  /** One operation for HTTP and the socket: a client may repeat on one what it is unsure of on the other. */
  send(author: SessionUser, roomId: number, text: string, key: string | undefined): Promise<Outcome<ChatMessage>> {
    const operation = `send to room ${roomId}`;
    return this.writes.run({ key, ownerId: author.id, operation, payload: { text } }, async (transaction) => {
      try {
        const { id, createdAt } = await transaction.message.create({ data: { roomId, authorId: author.id, text } });
        return { id, roomId, author, text, createdAt: createdAt.toISOString() };
      } catch (error) {
        throw isForeignKeyViolation(error) ? noSuchRoom() : error;
      }
    });
  }
}

function noSuchRoom(): NotFoundException {
  return new NotFoundException('There is no such room.');
}
