import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { IdPipe } from '../http/id.pipe';
import { IdempotencyKey } from '../idempotency/idempotency-key.decorator';
import type { Outcome } from '../idempotency/outcome';
import { CurrentUser } from '../sessions/current-user.decorator';
import type { SessionUser } from '../sessions/session-data';
import { SessionGuard } from '../sessions/session.guard';
import { WorkoutDto, WorkoutPageDto } from './workout.dto';
import type { Workout, WorkoutPage } from './workout.types';
import { WorkoutsService } from './workouts.service';

@Controller('workouts')
@UseGuards(SessionGuard)
export class WorkoutsController {
  constructor(private readonly workouts: WorkoutsService) {}

  @Get()
  list(@CurrentUser() user: SessionUser, @Query() page: WorkoutPageDto): Promise<WorkoutPage> {
    return this.workouts.list(user.id, page);
  }

  @Post()
  create(
    @CurrentUser() user: SessionUser,
    @Body() workout: WorkoutDto,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Outcome<Workout>> {
    return this.workouts.create(user.id, workout, key);
  }

  @Get(':id')
  find(@CurrentUser() user: SessionUser, @Param('id', IdPipe) id: number): Promise<Workout> {
    return this.workouts.find(user.id, id);
  }

  @Put(':id')
  replace(@CurrentUser() user: SessionUser, @Param('id', IdPipe) id: number, @Body() workout: WorkoutDto): Promise<Workout> {
    return this.workouts.replace(user.id, id, workout);
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  remove(@CurrentUser() user: SessionUser, @Param('id', IdPipe) id: number): Promise<void> {
    return this.workouts.remove(user.id, id);
  }
}
