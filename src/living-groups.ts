// The process groups that must not outlive this process. While there are any, one listener waits for the exit and one
// for each of the signals that end a process; they go with the last group. A listener keeps the signal from ending the
// process, so ours ends it where nobody else who listens would.

const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const

const living = new Set<number>()

// The copies of this file that listen: a program may have this library twice, and each would wait for the other.
const copiesKey = Symbol.for('sallyport signal listeners')
const found: unknown = Reflect.get(globalThis, copiesKey)
const copies: Set<unknown> = found instanceof Set ? found : new Set()
Reflect.set(globalThis, copiesKey, copies)

/** Sends a signal to all of a process group that is left; whether there was anyone to send it to. */
export function signalGroup(id: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-id, signal)
  } catch (error) {
    // EPERM: somebody is there who has changed their user, as sudo does.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

export function addLivingGroup(id: number): void {
  if (living.size === 0) {
    process.on('exit', hangUp)
    for (const signal of signals) process.prependListener(signal, onSignal)
    copies.add(onSignal)
  }
  living.add(id)
}

/** To be called as soon as the number may belong to somebody else. */
export function removeLivingGroup(id: number): void {
  if (living.delete(id) && living.size === 0) stopListening()
}

function stopListening(): void {
  process.off('exit', hangUp)
  for (const signal of signals) process.off(signal, onSignal)
  copies.delete(onSignal)
}

// SIGHUP first, as ssh does it; SIGTERM for those that ignore it. There is no time left to wait and see.
function hangUp(): void {
  for (const id of living) {
    signalGroup(id, 'SIGHUP')
    signalGroup(id, 'SIGTERM')
  }
}

/**
 * Does what the signal does without us. A program that listens for it decides itself, and may yet exit; those that only
 * wait to be the last who listen decide nothing, and do their part as soon as we do not listen any more.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > copies.size + countSignalExit()) return
  hangUp()
  stopListening()
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
}

// How many listeners for each signal are of the package signal-exit, which many command line packages bring along. Its
// versions 3 and 4 keep count where their own copies find it; each ends the process only when it is alone.
function countSignalExit(): number {
  const emitters: readonly unknown[] = [
    Reflect.get(process, '__signal_exit_emitter__'),
    Reflect.get(globalThis, Symbol.for('signal-exit emitter')),
  ]
  return emitters.map(countOf).reduce((sum, count) => sum + count, 0)
}

function countOf(emitter: unknown): number {
  if (typeof emitter !== 'object' || emitter === null || !('count' in emitter)) return 0
  return typeof emitter.count === 'number' ? emitter.count : 0
}
