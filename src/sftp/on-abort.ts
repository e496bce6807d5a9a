// One listener on a caller's signal for any number of calls that wait on it: Node warns of a leak at the eleventh.

interface Relay {
  readonly callbacks: Set<() => void>
  readonly tell: () => void
}

const relays = new WeakMap<AbortSignal, Relay>()

/** Calls back when the signal is aborted, at once if it is. Returns what takes it back; the last one leaves the signal. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback()
    return () => {}
  }
  const relay = relays.get(signal) ?? makeRelay()
  relays.set(signal, relay)
  const { callbacks, tell } = relay
  if (callbacks.size === 0) signal.addEventListener('abort', tell, { once: true })
  const own = (): void => callback()
  callbacks.add(own)
  return () => {
    callbacks.delete(own)
    if (callbacks.size === 0) signal.removeEventListener('abort', tell)
  }
}

function makeRelay(): Relay {
  const callbacks = new Set<() => void>()
  return {
    callbacks,
    tell: () => {
      for (const callback of [...callbacks]) callback()
    },
  }
}
