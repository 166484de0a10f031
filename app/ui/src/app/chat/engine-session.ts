/**
 * The instance that holds a live connection. Engine session ids are
 * `<instance>.<random>`, so that a load balancer can route polling by them.
 */
export function instanceOf(engineSessionId: string | undefined): string {
  const end = engineSessionId?.lastIndexOf('.') ?? -1;
  return engineSessionId && end > 0 ? engineSessionId.slice(0, end) : 'an unnamed backend';
}
