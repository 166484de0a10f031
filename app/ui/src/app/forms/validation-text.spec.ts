import { describe, expect, it } from 'vitest';
import { validationText } from './validation-text';

describe('validationText', () => {
  it.each([
    [{ required: true }, 'Please fill this in.'],
    [{ min: { min: 1, actual: 0 } }, 'Must be at least 1.'],
    [{ max: { max: 100, actual: 101 } }, 'Must be at most 100.'],
    [{ minlength: { requiredLength: 10, actualLength: 3 } }, 'Must have at least 10 characters.'],
    [{ maxlength: { requiredLength: 32, actualLength: 40 } }, 'Must have at most 32 characters.'],
    [{ pattern: { requiredPattern: '^x$', actualValue: 'y' } }, 'This is not valid.'],
  ])('%j reads "%s"', (errors, text) => {
    expect(validationText(errors)).toBe(text);
  });
});
