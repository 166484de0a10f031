import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsISO8601,
  IsNumber,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { Exercise, WorkoutContent } from './workout.types';

export class ExerciseDto implements Exercise {
  @IsString()
  @Length(1, 100)
  name: string;

  @IsInt()
  @Min(1)
  @Max(1000)
  sets: number;

  @IsInt()
  @Min(1)
  @Max(10_000)
  repetitions: number;

  @IsNumber({ maxDecimalPlaces: 2 })
  @Min(0)
  @Max(9999.99)
  weightKg: number;
}

export class WorkoutDto implements WorkoutContent {
  @IsString()
  @Length(1, 100)
  name: string;

  @Matches(/^[12]\d{3}-\d{2}-\d{2}$/, { message: 'performedOn must be a date like 2026-11-30' })
  @IsISO8601({ strict: true }, { message: 'performedOn must be a day that exists' })
  performedOn: string;

  @IsString()
  @MaxLength(2000)
  notes: string = '';

  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => ExerciseDto)
  exercises: ExerciseDto[] = [];
}

export class WorkoutPageDto {
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  page: number = 1;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  pageSize: number = 20;
}
