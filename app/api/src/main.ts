import 'reflect-metadata';
import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module';
import { useHttpPipeline } from './http/http-pipeline';
import { Settings, SettingsError } from './settings/settings';
import { SocketIoAdapter } from './sockets/socket-io.adapter';

/** Longer than nginx keeps an idle upstream connection (60 s), so that it is never the one to send into a closed one. */
const KEEP_ALIVE_MS = 75_000;

async function start(): Promise<void> {
  const settings = new Settings(process.env);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(settings), {
    abortOnError: false,
    bodyParser: false,
    bufferLogs: true,
  });
  app.useLogger(app.get(Logger));
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  useHttpPipeline(app);
  app.useWebSocketAdapter(new SocketIoAdapter(app));
  const server: Server = app.getHttpServer();
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await app.listen(settings.port, settings.host);
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof SettingsError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
