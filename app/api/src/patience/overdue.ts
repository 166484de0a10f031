/**
 * Calls back after so long. A process that stood still meanwhile finds the timer due and the awaited answer in its
 * socket at the same time, and timers come first: therefore once more round the event loop, for the answer to count.
 */
export function whenOverdue(timeoutMs: number, callback: () => void): { cancel: () => void } {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(callback);
  }, timeoutMs);
  return {
    cancel: () => {
      clearTimeout(timer);
      clearImmediate(immediate);
    },
  };
}
