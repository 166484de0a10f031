import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a server that can be cut, as a local proxy does when its server is gone, or go silent. */
export class Line {
  private readonly ends = new Set<Socket>();
  private isCut = false;
  private isSilent = false;

  private constructor(
    private readonly server: Server,
    private readonly host: string,
    private readonly port: number,
  ) {
    server.on('connection', (near) => this.join(near));
  }

  static async to(host: string, port: number): Promise<Line> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Line(server, host, port);
  }

  get environment(): NodeJS.ProcessEnv {
    return { DATABASE_HOST: '127.0.0.1', DATABASE_PORT: String((this.server.address() as AddressInfo).port) };
  }

  /** Resets what is open and what is opened. */
  cut(): void {
    this.isCut = true;
    this.ends.forEach((end) => end.resetAndDestroy());
  }

  /** Takes everything, passes on nothing. */
  silence(): void {
    this.isSilent = true;
    this.ends.forEach((end) => end.pause());
  }

  mend(): void {
    this.isCut = false;
    this.isSilent = false;
    this.ends.forEach((end) => end.resume());
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private join(near: Socket): void {
    if (this.isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.port, this.host);
    this.pass(near, far);
    this.pass(far, near);
  }

  private pass(from: Socket, to: Socket): void {
    this.ends.add(from);
    from.on('data', (data) => to.write(data));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.ends.delete(from);
      to.destroy();
    });
    if (this.isSilent) {
      from.pause();
    }
  }
}
