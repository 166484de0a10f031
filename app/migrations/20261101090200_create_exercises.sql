-- migrate:up
CREATE TABLE exercises (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  workout_id INT UNSIGNED NOT NULL,
  position SMALLINT UNSIGNED NOT NULL,
  name VARCHAR(100) NOT NULL,
  sets SMALLINT UNSIGNED NOT NULL,
  repetitions SMALLINT UNSIGNED NOT NULL,
  weight_kg DECIMAL(6, 2) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY exercises_workout_id_position_key (workout_id, position),
  CONSTRAINT exercises_workout_id_fkey FOREIGN KEY (workout_id) REFERENCES workouts (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

-- migrate:down
DROP TABLE exercises;
