import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { unlessAbandoned } from '../../src/http/abandoned';

/** Whether the work for a request goes on, whose sender may have left before it begins. */
async function goesOn(senderLeaves: boolean): Promise<boolean> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  if (senderLeaves) {
    client.destroy();
    await once(request.socket, 'close');
  }
  let went = false;
  unlessAbandoned(request, () => {
    went = true;
  });
  client.destroy();
  server.close();
  return went;
}

describe('the work for a request', () => {
  it('goes on while somebody waits for the answer', async () => {
    assert.equal(await goesOn(false), true);
  });

  it('ends when nobody does', async () => {
    assert.equal(await goesOn(true), false);
  });
});
