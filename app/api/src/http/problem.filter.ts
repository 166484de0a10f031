import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, HttpStatus, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { toProblem } from './problem';

const SERVICE_UNAVAILABLE: number = HttpStatus.SERVICE_UNAVAILABLE;
const RETRY_AFTER_SECONDS = 1;

@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const problem = toProblem(error);
    if (problem.status >= 500 && !(error instanceof HttpException)) {
      this.logger.error(error);
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (problem.status === SERVICE_UNAVAILABLE) {
      response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    }
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}
