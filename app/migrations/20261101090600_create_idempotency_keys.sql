-- migrate:up
-- owner_id is 0 for somebody who has not logged in, hence no foreign key.
-- The collation tells keys apart that differ only in case or in trailing spaces.
CREATE TABLE idempotency_keys (
  owner_id INT UNSIGNED NOT NULL,
  idempotency_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
  fingerprint BINARY(32) NOT NULL,
  status SMALLINT UNSIGNED NOT NULL,
  body MEDIUMTEXT NOT NULL,
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (owner_id, idempotency_key),
  KEY idempotency_keys_created_at_idx (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

-- migrate:down
DROP TABLE idempotency_keys;
