export interface Room {
  readonly id: number;
  readonly name: string;
}
