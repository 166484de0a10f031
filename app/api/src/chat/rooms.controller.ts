import { Body, Controller, Get, Param, Post, Query, UseGuards } from '@nestjs/common';
import { IdPipe } from '../http/id.pipe';
import { IdempotencyKey } from '../idempotency/idempotency-key.decorator';
import type { Outcome } from '../idempotency/outcome';
import { CurrentUser } from '../sessions/current-user.decorator';
import type { SessionUser } from '../sessions/session-data';
import { SessionGuard } from '../sessions/session.guard';
import { HistoryDto, NewMessageDto, NewRoomDto } from './chat.dto';
import { ChatGateway } from './chat.gateway';
import { ChatService } from './chat.service';
import type { ChatMessage, ChatRoom } from './chat.types';

@Controller('rooms')
@UseGuards(SessionGuard)
export class RoomsController {
  constructor(
    private readonly chat: ChatService,
    private readonly gateway: ChatGateway,
  ) {}

  @Get()
  list(): Promise<ChatRoom[]> {
    return this.chat.rooms();
  }

  @Post()
  create(
    @CurrentUser() user: SessionUser,
    @Body() { name }: NewRoomDto,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Outcome<ChatRoom>> {
    return this.chat.createRoom(user.id, name, key);
  }

  @Get(':id/messages')
  async history(@Param('id', IdPipe) roomId: number, @Query() history: HistoryDto): Promise<{ items: ChatMessage[] }> {
    return { items: await this.chat.history(roomId, history) };
  }

  @Post(':id/messages')
  async send(
    @CurrentUser() user: SessionUser,
    @Param('id', IdPipe) roomId: number,
    @Body() { text }: NewMessageDto,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Outcome<ChatMessage>> {
    const outcome = await this.chat.send(user, roomId, text, key);
    this.gateway.announce(outcome);
    return outcome;
  }
}
