import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { json } from 'express';
import { AuthModule } from './auth/auth.module';
import { ChatModule } from './chat/chat.module';
import { DatabaseModule } from './database/database.module';
import { HealthModule } from './health/health.module';
import { Admission } from './http/admission';
import { ProblemFilter } from './http/problem.filter';
import { inputValidation } from './http/validation.pipe';
import { IdempotencyModule } from './idempotency/idempotency.module';
import { OutcomeInterceptor } from './idempotency/outcome.interceptor';
import { LoggingModule } from './logging/logging.module';
import { MetricsModule } from './metrics/metrics.module';
import { Patience } from './patience/patience';
import { PatienceModule } from './patience/patience.module';
import { RedisModule } from './redis/redis.module';
import { SessionMiddleware } from './sessions/session-middleware';
import type { Settings } from './settings/settings';
import { SettingsModule } from './settings/settings.module';
import { ShutdownModule } from './shutdown/shutdown.module';
import { WorkoutsModule } from './workouts/workouts.module';

@Module({
  imports: [
    LoggingModule,
    ShutdownModule,
    PatienceModule,
    DatabaseModule,
    RedisModule,
    IdempotencyModule,
    MetricsModule,
    HealthModule,
    AuthModule,
    WorkoutsModule,
    ChatModule,
  ],
  providers: [
    Admission,
    SessionMiddleware,
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useValue: inputValidation },
    { provide: APP_INTERCEPTOR, useClass: OutcomeInterceptor },
  ],
})
export class AppModule implements NestModule {
  static with(settings: Settings): DynamicModule {
    return { module: AppModule, imports: [SettingsModule.with(settings)] };
  }

  configure(consumer: MiddlewareConsumer): void {
    // First, as the time that a request waits for its turn is part of its patience.
    consumer.apply(Patience).forRoutes('*path');
    // Health is asked about an overloaded instance too, and hashing passwords has a limit of its own.
    consumer.apply(Admission).exclude('health/*path', 'auth/*path').forRoutes('*path');
    // Health needs no session, and must not fail for want of one when a browser sends its cookie.
    consumer.apply(SessionMiddleware, json({ limit: '64kb' })).exclude('health/*path').forRoutes('*path');
  }
}
