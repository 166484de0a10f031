import { Injectable, NotFoundException } from '@nestjs/common';
import { PrismaService, type Transaction } from '../database/prisma.service';
import { Prisma } from '../generated/prisma/client';
import { IdempotentWrites } from '../idempotency/idempotent-writes';
import type { Outcome } from '../idempotency/outcome';
import type { Exercise, Workout, WorkoutContent, WorkoutPage } from './workout.types';

/**
 * All of a workout in one row. Written out, here and where workouts are made, because a request costs about as much as
 * the statements it takes: Prisma would ask for the exercises by one of their own, and read back what it has written.
 */
const WORKOUT = Prisma.sql`
  workouts.id, workouts.name, DATE_FORMAT(performed_on, '%Y-%m-%d') AS performedOn, notes,
  (SELECT JSON_ARRAYAGG(JSON_OBJECT('name', name, 'sets', sets, 'repetitions', repetitions, 'weightKg', weight_kg) ORDER BY position)
     FROM exercises WHERE workout_id = workouts.id) AS exercises`;

interface WorkoutRow extends Omit<Workout, 'id' | 'exercises'> {
  id: bigint;
  exercises: Exercise[] | null;
}

@Injectable()
export class WorkoutsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly writes: IdempotentWrites,
  ) {}

  async list(userId: number, { page, pageSize }: Pick<WorkoutPage, 'page' | 'pageSize'>): Promise<WorkoutPage> {
    const rows = await this.prisma.$queryRaw<(WorkoutRow & { total: bigint })[]>`
      SELECT ${WORKOUT}, (SELECT COUNT(*) FROM workouts WHERE user_id = ${userId}) AS total
        FROM workouts WHERE user_id = ${userId}
        ORDER BY performed_on DESC, id DESC LIMIT ${pageSize} OFFSET ${(page - 1) * pageSize}`;
    // A page beyond the last one has no row to tell it.
    const total = rows[0]?.total ?? (await this.prisma.workout.count({ where: { userId } }));
    return { items: rows.map(toWorkout), page, pageSize, total: Number(total) };
  }

  async find(userId: number, id: number): Promise<Workout> {
    const [row] = await this.prisma.$queryRaw<WorkoutRow[]>`SELECT ${WORKOUT} FROM workouts WHERE id = ${id} AND user_id = ${userId}`;
    if (row === undefined) {
      throw noSuchWorkout();
    }
    return toWorkout(row);
  }

  create(userId: number, workout: WorkoutContent, key: string | undefined): Promise<Outcome<Workout>> {
    return this.writes.run({ key, ownerId: userId, operation: 'create workout', payload: workout }, async (transaction) => {
      const { name, performedOn, notes, exercises } = workout;
      const [row] = await transaction.$queryRaw<[{ id: bigint }]>`
        INSERT INTO workouts (user_id, name, performed_on, notes) VALUES (${userId}, ${name}, ${performedOn}, ${notes}) RETURNING id`;
      const id = Number(row.id);
      await insertExercises(transaction, id, exercises);
      return { id, ...workout };
    });
  }

  async replace(userId: number, id: number, workout: WorkoutContent): Promise<Workout> {
    return this.writes.repeat(() =>
      this.prisma.$transaction(async (transaction) => {
        const { count } = await transaction.workout.updateMany({ where: { id, userId }, data: columnsOf(workout) });
        if (count === 0) {
          throw noSuchWorkout();
        }
        await transaction.exercise.deleteMany({ where: { workoutId: id } });
        await insertExercises(transaction, id, workout.exercises);
        return { id, ...workout };
      }),
    );
  }

  async remove(userId: number, id: number): Promise<void> {
    await this.writes.repeat(async (failures) => {
      const { count } = await this.prisma.workout.deleteMany({ where: { id, userId } });
      // Where an attempt before had no answer, it may have been that one.
      if (count === 0 && failures === 0) {
        throw noSuchWorkout();
      }
    });
  }
}

/** The same answer whether it does not exist or is somebody else's: ids tell nothing. */
function noSuchWorkout(): NotFoundException {
  return new NotFoundException('You have no such workout.');
}

function columnsOf({ name, performedOn, notes }: WorkoutContent): { name: string; performedOn: Date; notes: string } {
  return { name, performedOn: new Date(performedOn), notes };
}

async function insertExercises(transaction: Transaction, workoutId: number, exercises: Exercise[]): Promise<void> {
  if (exercises.length > 0) {
    await transaction.exercise.createMany({
      data: exercises.map(({ name, sets, repetitions, weightKg }, position) => ({ workoutId, position, name, sets, repetitions, weightKg })),
    });
  }
}

function toWorkout({ id, name, performedOn, notes, exercises }: WorkoutRow): Workout {
  return { id: Number(id), name, performedOn, notes, exercises: exercises ?? [] };
}
