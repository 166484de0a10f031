import { ConflictException, Injectable, UnauthorizedException } from '@nestjs/common';
import { isUniqueViolation } from '../database/database-errors';
import { PrismaService } from '../database/prisma.service';
import { IdempotentWrites, NOBODY } from '../idempotency/idempotent-writes';
import type { Outcome } from '../idempotency/outcome';
import type { SessionUser } from '../sessions/session-data';
import type { LoginDto, RegistrationDto } from './auth.dto';
import { PasswordHasher } from './password-hasher';

@Injectable()
export class AuthService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly writes: IdempotentWrites,
    private readonly passwords: PasswordHasher,
  ) {}

  async register(registration: RegistrationDto, key: string | undefined): Promise<Outcome<SessionUser>> {
    const { username, password } = registration;
    // Before the transaction: a connection of the pool is too dear to hold while hashing.
    const passwordHash = await this.passwords.hash(password);
    return this.writes.run({ key, ownerId: NOBODY, operation: 'register', payload: registration }, async (transaction) => {
      try {
        return await transaction.user.create({ data: { username, passwordHash }, select: { id: true, username: true } });
      } catch (error) {
        throw isUniqueViolation(error) ? new ConflictException('This username is taken.') : error;
      }
    });
  }

  async logIn({ username, password }: LoginDto): Promise<SessionUser> {
    const user = await this.prisma.user.findUnique({ where: { username } });
    const matches = await this.passwords.verify(password, user?.passwordHash);
    if (user === null || !matches) {
      throw new UnauthorizedException('Username or password is wrong.');
    }
    return { id: user.id, username: user.username };
  }
}
