import { Global, Module } from '@nestjs/common';
import { Drain } from './drain';
import { GracefulShutdown } from './graceful-shutdown';

@Global()
@Module({ providers: [Drain, GracefulShutdown], exports: [Drain] })
export class ShutdownModule {}
