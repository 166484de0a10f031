import { Module } from '@nestjs/common';
import { ChatModule } from '../chat/chat.module';
import { AuthController } from './auth.controller';
import { AuthService } from './auth.service';
import { PasswordHasher } from './password-hasher';

@Module({ imports: [ChatModule], controllers: [AuthController], providers: [AuthService, PasswordHasher] })
export class AuthModule {}
