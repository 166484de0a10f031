import { type ValidationError, ValidationPipe } from '@nestjs/common';
import { type FieldFault, InvalidInputError } from './problem';

/** Unknown fields are refused: a misspelt one would otherwise be lost in silence. */
export const inputValidation = new ValidationPipe({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  exceptionFactory: (errors) => new InvalidInputError(faultsOf(errors)),
});

export function faultsOf(errors: ValidationError[], parent = '#'): FieldFault[] {
  return errors.flatMap((error) => {
    const pointer = `${parent}/${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((detail) => ({ pointer, detail }));
    return [...own, ...faultsOf(error.children ?? [], pointer)];
  });
}
