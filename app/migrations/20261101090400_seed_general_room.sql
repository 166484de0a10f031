-- migrate:up
INSERT INTO rooms (name) VALUES ('general');

-- migrate:down
DELETE FROM rooms WHERE name = 'general';
