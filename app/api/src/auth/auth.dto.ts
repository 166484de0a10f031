import { IsString, Length, Matches } from 'class-validator';

export class RegistrationDto {
  @Matches(/^[A-Za-z0-9._-]{3,32}$/, { message: 'username must be 3 to 32 letters, digits, ".", "_" or "-"' })
  username: string;

  @IsString()
  @Length(8, 128)
  password: string;
}

/** Not the rules of a registration: a wrong login is 401, whatever it looks like. */
export class LoginDto {
  @IsString()
  @Length(1, 128)
  username: string;

  @IsString()
  @Length(1, 128)
  password: string;
}
