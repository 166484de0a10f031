export interface User {
  readonly id: number;
  readonly username: string;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}
