export const IDEMPOTENCY_KEY_HEADER = 'Idempotency-Key';

type RandomSource = Pick<Crypto, 'getRandomValues'> & Partial<Pick<Crypto, 'randomUUID'>>;

/** `randomUUID` exists in secure contexts only, and plain http on a host name is none. */
export function newIdempotencyKey(random: RandomSource = crypto): string {
  if (random.randomUUID) return random.randomUUID();
  const bytes = random.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The key of what a person wants to create with one form.
 *
 * A form sent again unchanged keeps its key while no definite answer has come: the
 * first attempt may have succeeded and only its answer been lost.
 */
export class CreationKey {
  #payload: string | undefined;
  #key = '';

  for(payload: unknown): string {
    const serialised = JSON.stringify(payload);
    if (serialised !== this.#payload) {
      this.#payload = serialised;
      this.#key = newIdempotencyKey();
    }
    return this.#key;
  }

  settle(): void {
    this.#payload = undefined;
  }
}
