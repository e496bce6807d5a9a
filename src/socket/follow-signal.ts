// A signal that is good for the life of a socket, which may have several.

/** Calls `onAbort` when the signal is aborted; at once, if it is already. Returns what lets go of it. */
export function followSignal(
  signal: AbortSignal | undefined,
  onAbort: (reason: unknown) => void,
): () => void {
  const abort = (): void => onAbort(signal?.reason)
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort)
  return () => signal?.removeEventListener('abort', abort)
}
