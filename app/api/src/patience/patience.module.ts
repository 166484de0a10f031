import { Global, Module } from '@nestjs/common';
import { Patience } from './patience';

@Global()
@Module({ providers: [Patience], exports: [Patience] })
export class PatienceModule {}
