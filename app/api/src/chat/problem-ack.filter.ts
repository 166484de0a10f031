import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { toProblem } from '../http/problem';

/** Answers a failed event through its acknowledgement, where the client waits for the result. */
@Catch()
export class ProblemAckFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemAckFilter.name);

  catch(exception: unknown, host: ArgumentsHost): void {
    const error = toProblem(exception);
    if (error.status >= 500 && !(exception instanceof HttpException)) {
      this.logger.error(exception);
    }
    const acknowledge = host.getArgs<unknown[]>().find((argument) => typeof argument === 'function');
    acknowledge?.({ error });
  }
}
