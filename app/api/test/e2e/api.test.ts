import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import type { ChatMessage, ChatRoom } from '../../src/chat/chat.types';
import type { Problem } from '../../src/http/problem';
import type { Workout, WorkoutPage } from '../../src/workouts/workout.types';
import { Client } from './client';
import { Instance, SESSION_SECRET } from './instance';
import { connected, heardBy, next, refusal } from './sockets';

const RESIDENT_BYTES = 160e6;
const LEG_DAY = {
  name: 'Leg day 🏋',
  performedOn: '2026-11-20',
  // What SQL and JSON have to escape.
  notes: `It's a "tie" \\ 100 % ? \n`,
  exercises: [
    { name: `Squat "low bar" \\ Bob's`, sets: 5, repetitions: 5, weightKg: 102.5 },
    { name: 'Lunge', sets: 3, repetitions: 12, weightKg: 0 },
  ],
};

describe('two instances', { timeout: 120_000 }, () => {
  let first: Instance;
  let second: Instance;
  const anna = new Client();
  const ben = new Client();

  before(async () => {
    [first, second] = await Promise.all([Instance.start('api-1'), Instance.start('api-2')]);
    await Promise.all([first.until('/health/ready', 200), second.until('/health/ready', 200)]);
  });

  after(async () => {
    await Promise.all([first.stop(), second.stop()]);
  });

  it('share a session', async () => {
    const registration = await anna.call(first, 'POST', '/auth/register', anna.credentials);
    assert.equal(registration.status, 201);
    assert.equal(registration.headers.get('X-Served-By'), 'api-1');
    assert.match(registration.headers.getSetCookie()[0] ?? '', /^discordgym\.sid=.*Path=\/;.*HttpOnly; SameSite=Lax$/);

    const me = await anna.call(second, 'GET', '/auth/me');
    assert.equal(me.headers.get('X-Served-By'), 'api-2');
    assert.deepEqual(me.body, { id: registration.body.id, username: anna.username });

    assert.equal((await anna.call(second, 'POST', '/auth/logout')).status, 204);
    assert.equal((await anna.call(first, 'GET', '/auth/me')).status, 401);
  });

  it('log in who is known, and nobody else', async () => {
    const wrong = { ...anna.credentials, password: 'not the password' };
    const unknown = { username: 'nobody-at-all', password: 'not the password' };
    const answers = [await anna.call<Problem>(first, 'POST', '/auth/login', wrong), await anna.call<Problem>(first, 'POST', '/auth/login', unknown)];
    assert.deepEqual(answers.map(({ status }) => status), [401, 401]);
    assert.deepEqual(answers[0]?.body, answers[1]?.body);

    assert.equal((await anna.call(first, 'POST', '/auth/login', anna.credentials)).status, 200);
    assert.equal((await ben.call(second, 'POST', '/auth/register', ben.credentials)).status, 201);
    const taken = { ...ben.credentials, username: anna.username.toUpperCase() };
    assert.equal((await new Client().call(second, 'POST', '/auth/register', taken)).status, 409);
  });

  it('keep workouts, to each their own', async () => {
    const created = await anna.call<Workout>(first, 'POST', '/workouts', LEG_DAY);
    assert.equal(created.status, 201);
    const path = `/workouts/${created.body.id}`;
    assert.deepEqual((await anna.call<Workout>(second, 'GET', path)).body, { id: created.body.id, ...LEG_DAY });

    const change = { ...LEG_DAY, exercises: LEG_DAY.exercises.slice(1) };
    // Twice: a change that changes nothing is found, too.
    await anna.call(second, 'PUT', path, change);
    const changed = await anna.call<Workout>(second, 'PUT', path, change);
    assert.equal(changed.status, 200);
    assert.deepEqual((await anna.call<Workout>(first, 'GET', path)).body, changed.body);

    await anna.call(first, 'POST', '/workouts', { ...LEG_DAY, performedOn: '2026-11-21' });
    const { body: page } = await anna.call<WorkoutPage>(second, 'GET', '/workouts?page=2&pageSize=1');
    assert.deepEqual(page, { items: [changed.body], page: 2, pageSize: 1, total: 2 });
    const { body: beyond } = await anna.call<WorkoutPage>(second, 'GET', '/workouts?page=3&pageSize=1');
    assert.deepEqual(beyond, { items: [], page: 3, pageSize: 1, total: 2 });

    for (const method of ['GET', 'PUT', 'DELETE']) {
      assert.equal((await ben.call(first, method, path, method === 'PUT' ? LEG_DAY : undefined)).status, 404, method);
    }
    assert.equal((await anna.call(first, 'DELETE', path)).status, 204);
    assert.equal((await anna.call(second, 'GET', path)).status, 404);
  });

  it('say what is wrong as a problem', async () => {
    const { status, headers, body } = await anna.call<Problem>(first, 'POST', '/workouts', { ...LEG_DAY, name: '' });
    assert.equal(status, 400);
    assert.match(headers.get('Content-Type') ?? '', /^application\/problem\+json/);
    assert.equal(body.status, 400);
    assert.equal(body.errors?.[0]?.pointer, '#/name');

    const malformed = await fetch(`${first.url}/auth/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{' });
    assert.equal(malformed.status, 400);
    assert.equal((await fetch(`${first.url}/nowhere`)).status, 404);
  });

  it('repeat the first answer to a repeated key', async () => {
    const key = randomUUID();
    const made = await anna.call<Workout>(first, 'POST', '/workouts', LEG_DAY, key);
    const again = await anna.call<Workout>(second, 'POST', '/workouts', LEG_DAY, key);
    assert.equal(made.headers.get('Idempotency-Replayed'), null);
    assert.equal(again.headers.get('Idempotency-Replayed'), 'true');
    assert.equal(again.status, made.status);
    assert.deepEqual(again.body, made.body);

    assert.equal((await anna.call(second, 'POST', '/workouts', { ...LEG_DAY, name: 'Arm day' }, key)).status, 422);
    assert.equal((await anna.call(second, 'POST', '/rooms', { name: key }, key)).status, 422);
    // Keys belong to their user.
    assert.equal((await ben.call(second, 'POST', '/workouts', LEG_DAY, key)).headers.get('Idempotency-Replayed'), null);
  });

  it('log in whoever repeats a registration', async () => {
    const carla = new Client();
    const key = randomUUID();
    const { body } = await carla.call(first, 'POST', '/auth/register', carla.credentials, key);
    const lost = new Client();
    const again = await lost.call(second, 'POST', '/auth/register', carla.credentials, key);
    assert.deepEqual([again.status, again.body], [201, body]);
    assert.equal((await lost.call(first, 'GET', '/auth/me')).body.id, body.id);
    const guess = { ...carla.credentials, password: 'not the password' };
    assert.equal((await new Client().call(second, 'POST', '/auth/register', guess, key)).status, 422);
  });

  it('do once what is asked of both at the same time', async () => {
    const { total: earlier } = (await anna.call<WorkoutPage>(first, 'GET', '/workouts')).body;
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => anna.call(index % 2 === 0 ? first : second, 'POST', '/workouts', LEG_DAY, key)),
    );
    assert.ok(answers.every(({ status }) => status === 201));
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
    assert.equal(answers.filter(({ headers }) => !headers.has('Idempotency-Replayed')).length, 1);
    assert.equal((await anna.call<WorkoutPage>(first, 'GET', '/workouts')).body.total, earlier + 1);
  });

  it('refuse a page of another origin', async () => {
    const foreign = { Origin: 'http://evil.example' };
    assert.equal((await fetch(`${first.url}/auth/login`, { method: 'POST', headers: foreign })).status, 403);
    const { headers } = await fetch(`${first.url}/health/live`, { headers: foreign });
    assert.notEqual(headers.get('Access-Control-Allow-Origin'), foreign.Origin);

    const error = await refusal(anna.connect(first, 'websocket', foreign.Origin));
    assert.match(String(error), /websocket error|403/);
  });

  describe('chat', () => {
    let roomId: number;
    let polling: Socket;
    let websocket: Socket;

    before(async () => {
      roomId = (await anna.call(first, 'POST', '/rooms', { name: `room ${randomUUID()}` }, randomUUID())).body.id;
      polling = await connected(anna.connect(first, 'polling'));
      websocket = await connected(ben.connect(second, 'websocket'));
      for (const socket of [polling, websocket]) {
        assert.deepEqual(await socket.emitWithAck('join', { roomId }), { ok: true });
      }
    });

    after(() => {
      polling.disconnect();
      websocket.disconnect();
    });

    it('begins in the general room', async () => {
      const { body: rooms } = await anna.call<ChatRoom[]>(first, 'GET', '/rooms');
      assert.equal(rooms[0]?.name, 'general');
      assert.ok(rooms.some(({ id }) => id === roomId));
    });

    it('tells by the session id which instance polling has to return to', () => {
      assert.match(polling.io.engine.id, /^api-1\.[\w-]{20}$/);
      assert.match(websocket.io.engine.id, /^api-2\./);
    });

    it('is heard on the other instance, by either transport, once for a key', async () => {
      const key = randomUUID();
      const event = { roomId, text: 'hello from polling', idempotencyKey: key };
      const heard = heardBy(websocket);
      const { message } = (await polling.emitWithAck('send', event)) as { message: ChatMessage };
      assert.equal(message.author.username, anna.username);
      assert.deepEqual(await polling.emitWithAck('send', event), { message });
      // The same message by HTTP is a repetition too: a client need not know whether its socket still got through.
      const byHttp = await anna.call<ChatMessage>(second, 'POST', `/rooms/${roomId}/messages`, { text: event.text }, key);
      assert.deepEqual([byHttp.headers.get('Idempotency-Replayed'), byHttp.body], ['true', message]);

      const back = next<ChatMessage>(polling, 'message');
      const posted = await ben.call<ChatMessage>(second, 'POST', `/rooms/${roomId}/messages`, { text: 'hello from HTTP' });
      assert.equal(posted.status, 201);
      assert.deepEqual(await back, posted.body);
      await sleep(200);
      assert.deepEqual(heard, [message, posted.body]);
    });

    it('keeps its history, to be read in both directions', async () => {
      const path = `/rooms/${roomId}/messages`;
      const texts = async (query: string): Promise<string[]> =>
        (await ben.call<{ items: ChatMessage[] }>(first, 'GET', path + query)).body.items.map(({ text }) => text);
      await anna.call(first, 'POST', path, { text: 'third' });
      const { items } = (await ben.call<{ items: ChatMessage[] }>(first, 'GET', path)).body;
      const [oldest, , newest] = items;
      assert.ok(oldest && newest);
      assert.deepEqual(await texts('?limit=2'), ['hello from HTTP', 'third']);
      assert.deepEqual(await texts(`?after=${oldest.id}&limit=1`), ['hello from HTTP']);
      assert.deepEqual(await texts(`?before=${newest.id}&limit=1`), ['hello from HTTP']);
      assert.equal((await ben.call(first, 'GET', `${path}?after=1&before=2`)).status, 400);
      assert.equal((await ben.call(first, 'GET', '/rooms/4000000000/messages')).status, 404);
    });

    it('answers a wrong event through its acknowledgement', async () => {
      const { error: blank } = (await polling.emitWithAck('send', { roomId, text: ' ' })) as { error: Problem };
      assert.equal(blank.status, 400);
      const { error: nowhere } = (await websocket.emitWithAck('join', { roomId: 4_000_000_000 })) as { error: Problem };
      assert.equal(nowhere.status, 404);
    });

    it('is closed to who has not logged in', async () => {
      const error = (await refusal(new Client().connect(first, 'polling'))) as Error & { data: Problem };
      assert.equal(error.message, 'unauthorized');
      assert.equal(error.data.status, 401);
    });

    it('ends with the session, on whichever instance', async () => {
      const dora = new Client();
      await dora.call(first, 'POST', '/auth/register', dora.credentials);
      const socket = await connected(dora.connect(second, 'websocket'));
      const gone = next(socket, 'disconnect');
      await dora.call(first, 'POST', '/auth/logout');
      assert.equal(await gone, 'io server disconnect');
    });
  });

  it('stay within their memory', async (test) => {
    for (const instance of [first, second]) {
      const resident = await instance.metric('process_resident_memory_bytes');
      test.diagnostic(`${instance.name} takes ${Math.round(resident / 1e6)} MB`);
      assert.ok(resident < RESIDENT_BYTES);
    }
  });

  it('lose no request when one stops', async () => {
    const socket = await connected(ben.connect(second, 'websocket'));
    const left = next(socket, 'disconnect');
    // Long answers: these wait for their turn to be hashed while the instance stops.
    const newcomers = Array.from({ length: 5 }, () => new Client());
    const underWay = newcomers.map((client) => client.call(second, 'POST', '/auth/register', client.credentials));
    await sleep(100);
    const stopping = second.stop();
    await second.until('/health/ready', 503);

    // As a load balancer that has not yet seen it: new requests are answered, and each asks to close its connection.
    for (let count = 0; count < 20; count += 1) {
      const answer = await anna.call(second, 'GET', '/workouts');
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('Connection'), 'close');
      await sleep(10);
    }
    // Not "io server disconnect", after which a client would stay away.
    assert.equal(await left, 'transport close');
    assert.ok(await refusal(ben.connect(second, 'polling')));
    await connected(ben.connect(first, 'websocket')).then((elsewhere) => elsewhere.disconnect());

    for (const { status, headers } of await Promise.all(underWay)) {
      assert.deepEqual([status, headers.get('Connection')], [201, 'close']);
    }
    assert.equal(await stopping, 'SIGTERM');
    assert.equal((await anna.call(first, 'GET', '/workouts')).status, 200);
  });

  it('log one JSON object a line, and no secret', async () => {
    await first.stop();
    for (const { name, log } of [first, second]) {
      for (const line of log.trim().split('\n')) {
        assert.equal((JSON.parse(line) as { instance: string }).instance, name);
      }
      for (const secret of [anna.password, ben.password, anna.cookieValue, ben.cookieValue, SESSION_SECRET, 'discordgym.sid']) {
        assert.ok(!log.includes(secret));
      }
      assert.ok(log.includes('"requestId"'));
    }
  });
});

describe('an instance without its database and Redis', { timeout: 60_000 }, () => {
  it('starts, says so, and answers 503', async () => {
    const alone = await Instance.start('alone', { DATABASE_PORT: '1', REDIS_PORT: '1' });
    try {
      const ready = await fetch(`${alone.url}/health/ready`);
      assert.equal(ready.status, 503);
      assert.match(((await ready.json()) as Problem).detail, /database.*redis/);
      const client = new Client();
      const login = await client.call(alone, 'POST', '/auth/login', client.credentials);
      assert.equal(login.status, 503);
      assert.equal(login.headers.get('Retry-After'), '1');
    } finally {
      assert.equal(await alone.stop(), 'SIGTERM');
    }
  });

  it('does not start without its settings, and names them', async () => {
    await assert.rejects(Instance.start('unset', { SESSION_SECRET: 'short', UI_ORIGIN: '' }), /SESSION_SECRET must.*UI_ORIGIN is missing/s);
  });
});
