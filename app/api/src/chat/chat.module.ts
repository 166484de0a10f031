import { Module } from '@nestjs/common';
import { ChatGateway } from './chat.gateway';
import { ChatService } from './chat.service';
import { RoomsController } from './rooms.controller';

@Module({ controllers: [RoomsController], providers: [ChatService, ChatGateway], exports: [ChatGateway] })
export class ChatModule {}
