/** One sentence for the first rule that a control breaks, as Angular's validators report it. */
export function validationText(errors: Readonly<Record<string, unknown>>): string {
  const [rule = '', detail] = Object.entries(errors)[0] ?? [];
  const limit = (name: string): string => String((detail as Record<string, unknown>)[name]);
  switch (rule) {
    case 'required':
      return 'Please fill this in.';
    case 'min':
      return `Must be at least ${limit('min')}.`;
    case 'max':
      return `Must be at most ${limit('max')}.`;
    case 'minlength':
      return `Must have at least ${limit('requiredLength')} characters.`;
    case 'maxlength':
      return `Must have at most ${limit('requiredLength')} characters.`;
    default:
      return 'This is not valid.';
  }
}
