import { Body, Controller, Get, HttpCode, HttpStatus, Post, Req, UseGuards } from '@nestjs/common';
import type { Request } from 'express';
import { ChatGateway } from '../chat/chat.gateway';
import { IdempotencyKey } from '../idempotency/idempotency-key.decorator';
import type { Outcome } from '../idempotency/outcome';
import { CurrentUser } from '../sessions/current-user.decorator';
import type { SessionUser } from '../sessions/session-data';
import { SessionGuard } from '../sessions/session.guard';
import { endSession, startSession } from '../sessions/session-lifecycle';
import { LoginDto, RegistrationDto } from './auth.dto';
import { AuthService } from './auth.service';

@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly chat: ChatGateway,
  ) {}

  @Post('register')
  async register(
    @Req() request: Request,
    @Body() registration: RegistrationDto,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Outcome<SessionUser>> {
    const outcome = await this.auth.register(registration, key);
    // Also when replayed: who lost the first answer lost its cookie, and has just shown the password again.
    await startSession(request, outcome.body);
    return outcome;
  }

  @Post('login')
  @HttpCode(HttpStatus.OK)
  async logIn(@Req() request: Request, @Body() login: LoginDto): Promise<SessionUser> {
    const user = await this.auth.logIn(login);
    await startSession(request, user);
    return user;
  }

  @Post('logout')
  @HttpCode(HttpStatus.NO_CONTENT)
  async logOut(@Req() request: Request): Promise<void> {
    const { sessionID } = request;
    await endSession(request);
    this.chat.disconnectSession(sessionID);
  }

  @Get('me')
  @UseGuards(SessionGuard)
  me(@CurrentUser() user: SessionUser): SessionUser {
    return user;
  }
}
