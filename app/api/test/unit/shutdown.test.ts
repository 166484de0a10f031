import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { Drain } from '../../src/shutdown/drain';

/** One request, answered by `answer`; what the client saw. */
async function request(answer: (response: ServerResponse) => void): Promise<IncomingMessage> {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(get({ port, host: '127.0.0.1', headers: { connection: 'keep-alive' } }), 'response')) as [IncomingMessage];
  response.resume();
  server.close();
  return response;
}

describe('Drain', () => {
  it('leaves connections open before', async () => {
    const drain = new Drain();
    const response = await request((answer) => {
      drain.track(answer);
      answer.end();
    });
    assert.equal(response.headers.connection, 'keep-alive');
  });

  it('closes the connection of a request that comes afterwards', async () => {
    const drain = new Drain();
    drain.begin();
    const response = await request((answer) => {
      drain.track(answer);
      answer.end();
    });
    assert.equal(response.headers.connection, 'close');
  });

  it('closes the connection of a request that is under way', async () => {
    const drain = new Drain();
    const response = await request((answer) => {
      drain.track(answer);
      drain.begin();
      answer.end();
    });
    assert.equal(response.headers.connection, 'close');
  });

  it('leaves an answer alone whose head is already sent', async () => {
    const drain = new Drain();
    const response = await request((answer) => {
      drain.track(answer);
      answer.flushHeaders();
      drain.begin();
      answer.end();
    });
    assert.equal(response.statusCode, 200);
  });
});
