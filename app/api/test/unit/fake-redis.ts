import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

type Answer = (command: string[], peer: FakePeer) => string | undefined;

/** Of a simple string, an error, a number. */
export const reply = { string: (text: string) => `+${text}\r\n`, error: (text: string) => `-${text}\r\n`, number: (value: number) => `:${value}\r\n` };

export const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
export const array = (...items: string[]): string => `*${items.length}\r\n${items.join('')}`;
export const map = (entries: Record<string, string>): string =>
  `%${Object.keys(entries).length}\r\n${Object.entries(entries).flat().map(bulk).join('')}`;
export const push = (...items: string[]): string => `>${items.length}\r\n${items.join('')}`;

export interface FakePeer {
  send(text: string): void;
}

/** Speaks as much of Redis' protocol as a client needs that is told what it shall be answered; nothing is silence. */
export class FakeRedis {
  readonly commands: string[][] = [];
  private readonly peers = new Set<Socket>();
  private readonly server = createServer((socket) => this.join(socket));

  constructor(private readonly answer: Answer) {}

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port };
  }

  get connections(): number {
    return this.peers.size;
  }

  tell(text: string): void {
    this.peers.forEach((peer) => peer.write(text));
  }

  reset(): void {
    this.peers.forEach((peer) => peer.resetAndDestroy());
  }

  stop(): void {
    this.server.close();
    this.reset();
  }

  private join(socket: Socket): void {
    this.peers.add(socket);
    socket.on('close', () => this.peers.delete(socket));
    socket.on('error', () => undefined);
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
      for (let command = take(); command !== undefined; command = take()) {
        command[0] = command[0]?.toUpperCase() ?? '';
        this.commands.push(command);
        const answer = this.answerTo(command, { send: (sent) => socket.write(sent) });
        if (answer !== undefined) {
          socket.write(answer);
        }
      }
    });

    function take(): string[] | undefined {
      const parts = received.split('\r\n');
      const count = Number(parts[0]?.slice(1));
      const length = 1 + 2 * count;
      if (parts.length <= length) {
        return undefined;
      }
      received = parts.slice(length).join('\r\n');
      return parts.slice(1, length).filter((_, index) => index % 2 === 1);
    }
  }

  private answerTo(command: string[], peer: FakePeer): string | undefined {
    const [, argument = ''] = command;
    switch (command[0]) {
      case 'HELLO':
        return map({ server: 'redis', version: '7.0.15', proto: '3' });
      case 'SUBSCRIBE':
        return push(bulk('subscribe'), bulk(argument), reply.number(1));
      default:
        return this.answer(command, peer);
    }
  }
}
