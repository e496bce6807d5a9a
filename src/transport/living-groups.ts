// The process groups that must not outlive this process. While there are any, one listener waits for the exit and one
// for each of the signals that end a process; they go with the last group.

const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const

const living = new Set<number>()

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
}

// SIGHUP first, as ssh does it; SIGTERM for those that ignore it. There is no time left to wait and see.
function hangUp(): void {
  for (const id of living) {
    signalGroup(id, 'SIGHUP')
    signalGroup(id, 'SIGTERM')
  }
}

/** Does what the signal does without us. A program that listens for it decides itself, and may yet exit. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  hangUp()
  stopListening()
  process.kill(process.pid, signal)
}
