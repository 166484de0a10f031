import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { LARGEST_ID } from '../http/id.pipe';
import { IDEMPOTENCY_KEY_PATTERN, IDEMPOTENCY_KEY_RULE } from '../idempotency/idempotency-key.decorator';

const NOT_BLANK = /\S/;

export class NewRoomDto {
  @IsString()
  @Length(1, 64)
  @Matches(NOT_BLANK, { message: 'name must not be blank' })
  name: string;
}

export class NewMessageDto {
  @IsString()
  @Length(1, 2000)
  @Matches(NOT_BLANK, { message: 'text must not be blank' })
  text: string;
}

export class HistoryDto {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LARGEST_ID)
  after?: number;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LARGEST_ID)
  before?: number;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;
}

export class RoomDto {
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  roomId: number;
}

export class SendDto extends NewMessageDto {
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  roomId: number;

  @IsOptional()
  @Matches(IDEMPOTENCY_KEY_PATTERN, { message: `idempotencyKey ${IDEMPOTENCY_KEY_RULE}` })
  idempotencyKey?: string;
}
