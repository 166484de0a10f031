-- migrate:up
CREATE TABLE workouts (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_id INT UNSIGNED NOT NULL,
  name VARCHAR(100) NOT NULL,
  performed_on DATE NOT NULL,
  notes TEXT NOT NULL,
  PRIMARY KEY (id),
  KEY workouts_user_id_performed_on_idx (user_id, performed_on),
  CONSTRAINT workouts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

-- migrate:down
DROP TABLE workouts;
