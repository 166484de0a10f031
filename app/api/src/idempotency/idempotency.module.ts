import { Global, Module } from '@nestjs/common';
import { IdempotentWrites } from './idempotent-writes';
import { KeyRetention } from './key-retention';

@Global()
@Module({ providers: [IdempotentWrites, KeyRetention], exports: [IdempotentWrites] })
export class IdempotencyModule {}
