import { Module } from '@nestjs/common';
import { HttpMetrics } from './http-metrics';
import { MetricsServer } from './metrics.server';

@Module({ providers: [HttpMetrics, MetricsServer] })
export class MetricsModule {}
