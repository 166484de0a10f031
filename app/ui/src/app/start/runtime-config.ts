import { Injectable } from '@angular/core';
import { CONFIG_PATH, readApiUrl } from './config-document';

/** What the deployment decides: known before the first component exists. */
@Injectable({ providedIn: 'root' })
export class RuntimeConfig {
  #apiUrl = '';

  get apiUrl(): string {
    return this.#apiUrl;
  }

  async load(): Promise<void> {
    this.#apiUrl = readApiUrl(await fetchConfig());
  }
}

async function fetchConfig(): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(CONFIG_PATH, { cache: 'no-store' });
  } catch {
    throw new Error(`${CONFIG_PATH} could not be fetched. Check the network connection.`);
  }
  if (!response.ok) {
    throw new Error(`${CONFIG_PATH} is missing on this server (status ${response.status}).`);
  }
  try {
    return await response.json();
  } catch {
    throw new Error(`${CONFIG_PATH} on this server is not JSON.`);
  }
}
