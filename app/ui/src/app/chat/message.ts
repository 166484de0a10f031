export interface Message {
  readonly id: number;
  readonly roomId: number;
  readonly author: { readonly id: number; readonly username: string };
  readonly text: string;
  readonly createdAt: string;
}

/** Both by id, ascending, each message once: history and live delivery overlap. */
export function mergeMessages(
  known: readonly Message[],
  incoming: readonly Message[],
): readonly Message[] {
  const byId = new Map([...known, ...incoming].map((message) => [message.id, message]));
  return byId.size === known.length ? known : [...byId.values()].sort((a, b) => a.id - b.id);
}
