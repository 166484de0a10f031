import type { IncomingMessage, ServerResponse } from 'node:http';
import { Module } from '@nestjs/common';
import { LoggerModule, type Params } from 'nestjs-pino';
import { stdTimeFunctions } from 'pino';
import { requestIdOf } from '../http/request-id';
import { Settings } from '../settings/settings';

/**
 * One JSON object a line on standard output. What is logged of a request is chosen here, name by name: headers,
 * query and body, and with them cookies and passwords, are never among it.
 */
function loggingFor({ logLevel, instanceName }: Settings): Params {
  return {
    pinoHttp: {
      level: logLevel,
      base: { instance: instanceName },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      genReqId: requestIdOf,
      // Quiet: a line carries the request's id and what is described below, not the request.
      quietReqLogger: true,
      quietResLogger: true,
      serializers: { req: () => undefined, res: () => undefined },
      customAttributeKeys: { reqId: 'requestId' },
      autoLogging: { ignore: (request) => request.url?.startsWith('/health/') ?? false },
      customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'error' : 'info'),
      customSuccessObject: describe,
      customErrorObject: (request, response, _error, timed: Timed) => describe(request, response, timed),
    },
  };
}

interface Timed {
  responseTime: number;
}

function describe(request: IncomingMessage, response: ServerResponse, { responseTime }: Timed): object {
  return {
    method: request.method,
    path: request.url?.split('?', 1)[0],
    status: response.statusCode,
    responseTimeMs: responseTime,
  };
}

@Module({ imports: [LoggerModule.forRootAsync({ inject: [Settings], useFactory: loggingFor })] })
export class LoggingModule {}
