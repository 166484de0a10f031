import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { Instance, UI_ORIGIN } from './instance';

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

interface Identified {
  id: number;
}

/** A person with one browser: a cookie that any instance may have set, and any instance is shown. */
export class Client {
  readonly username = `e2e-${randomUUID().slice(0, 8)}`;
  readonly password = `password of ${this.username}`;
  private cookie = '';

  get credentials(): { username: string; password: string } {
    return { username: this.username, password: this.password };
  }

  get cookieValue(): string {
    return this.cookie.slice(this.cookie.indexOf('=') + 1);
  }

  async call<T = Identified>(instance: Instance, method: string, path: string, body?: object, key?: string): Promise<Answer<T>> {
    const response = await fetch(instance.url + path, {
      method,
      headers: {
        Origin: UI_ORIGIN,
        ...(this.cookie !== '' && { Cookie: this.cookie }),
        ...(body && { 'Content-Type': 'application/json' }),
        ...(key !== undefined && { 'Idempotency-Key': key }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    this.cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? this.cookie;
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as T };
  }

  connect(instance: Instance, transport: 'polling' | 'websocket', origin = UI_ORIGIN): Socket {
    return io(instance.url, {
      transports: [transport],
      forceNew: true,
      reconnection: false,
      extraHeaders: { Origin: origin, Cookie: this.cookie },
    });
  }
}
