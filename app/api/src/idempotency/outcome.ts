/** What a creating request answers: made now, or told again from the first time. */
export class Outcome<T extends object> {
  constructor(
    readonly status: number,
    readonly body: T,
    readonly replayed: boolean,
  ) {}
}
