import { once } from 'node:events';
import { createServer } from 'node:http';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, register } from 'prom-client';
import { Settings } from '../settings/settings';

/** On loopback and a port of its own, so that no proxy rule can ever publish it by mistake. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    register.metrics().then(
      (metrics) => response.writeHead(200, { 'Content-Type': register.contentType }).end(metrics),
      () => response.writeHead(500).end(),
    );
  });

  constructor(private readonly settings: Settings) {
    register.setDefaultLabels({ instance_name: settings.instanceName });
    collectDefaultMetrics();
  }

  async onApplicationBootstrap(): Promise<void> {
    this.server.listen(this.settings.metricsPort, '127.0.0.1');
    await once(this.server, 'listening');
  }

  onApplicationShutdown(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
