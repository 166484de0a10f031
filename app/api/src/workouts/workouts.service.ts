import { Injectable, NotFoundException } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service';
import type { Prisma } from '../generated/prisma/client';
import { IdempotentWrites, retryOnConflict } from '../idempotency/idempotent-writes';
import type { Outcome } from '../idempotency/outcome';
import type { Exercise, Workout, WorkoutContent, WorkoutPage } from './workout.types';

const WITH_EXERCISES = { exercises: { orderBy: { position: 'asc' } } } as const satisfies Prisma.WorkoutInclude;

type WorkoutRecord = Prisma.WorkoutGetPayload<{ include: typeof WITH_EXERCISES }>;

@Injectable()
export class WorkoutsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly writes: IdempotentWrites,
  ) {}

  async list(userId: number, { page, pageSize }: Pick<WorkoutPage, 'page' | 'pageSize'>): Promise<WorkoutPage> {
    const where = { userId };
    const [total, records] = await Promise.all([
      this.prisma.workout.count({ where }),
      this.prisma.workout.findMany({
        where,
        include: WITH_EXERCISES,
        orderBy: [{ performedOn: 'desc' }, { id: 'desc' }],
        skip: (page - 1) * pageSize,
        take: pageSize,
      }),
    ]);
    return { items: records.map(toWorkout), page, pageSize, total };
  }

  async find(userId: number, id: number): Promise<Workout> {
    const record = await this.prisma.workout.findUnique({ where: { id, userId }, include: WITH_EXERCISES });
    if (record === null) {
      throw noSuchWorkout();
    }
    return toWorkout(record);
  }

  create(userId: number, workout: WorkoutContent, key: string | undefined): Promise<Outcome<Workout>> {
    return this.writes.run({ key, ownerId: userId, operation: 'create workout', payload: workout }, async (transaction) =>
      toWorkout(
        await transaction.workout.create({
          data: { userId, ...columnsOf(workout), exercises: { create: workout.exercises.map(toExerciseRow) } },
          include: WITH_EXERCISES,
        }),
      ),
    );
  }

  async replace(userId: number, id: number, workout: WorkoutContent): Promise<Workout> {
    return retryOnConflict(() =>
      this.prisma.$transaction(async (transaction) => {
        const { count } = await transaction.workout.updateMany({ where: { id, userId }, data: columnsOf(workout) });
        if (count === 0) {
          throw noSuchWorkout();
        }
        await transaction.exercise.deleteMany({ where: { workoutId: id } });
        await transaction.exercise.createMany({
          data: workout.exercises.map((exercise, position) => ({ workoutId: id, ...toExerciseRow(exercise, position) })),
        });
        return { id, ...workout };
      }),
    );
  }

  async remove(userId: number, id: number): Promise<void> {
    const { count } = await retryOnConflict(() => this.prisma.workout.deleteMany({ where: { id, userId } }));
    if (count === 0) {
      throw noSuchWorkout();
    }
  }
}

/** The same answer whether it does not exist or is somebody else's: ids tell nothing. */
function noSuchWorkout(): NotFoundException {
  return new NotFoundException('You have no such workout.');
}

function columnsOf({ name, performedOn, notes }: WorkoutContent): { name: string; performedOn: Date; notes: string } {
  return { name, performedOn: new Date(performedOn), notes };
}

function toExerciseRow({ name, sets, repetitions, weightKg }: Exercise, position: number): Exercise & { position: number } {
  return { position, name, sets, repetitions, weightKg };
}

function toWorkout({ id, name, performedOn, notes, exercises }: WorkoutRecord): Workout {
  return {
    id,
    name,
    performedOn: performedOn.toISOString().slice(0, 'YYYY-MM-DD'.length),
    notes,
    exercises: exercises.map((exercise) => ({
      name: exercise.name,
      sets: exercise.sets,
      repetitions: exercise.repetitions,
      weightKg: exercise.weightKg.toNumber(),
    })),
  };
}
