// What ends a command from outside: a signal to this process, or a reader of its output that went away. The first
// aborts, so that everything can close; a second signal ends the process at once. A command may have the first Ctrl-C
// do something gentler: then it is the second that aborts.

import { setMaxListeners } from 'node:events'

/** Their numbers are the same on all systems (POSIX.1-2017 kill). */
const numbers = { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 } as const

type Cause = keyof typeof numbers

const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const

/** Listens from its making until it is disposed. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController()
  #exitCode: number | undefined
  #gentle: (() => void) | undefined

  /** @param gentle What the first SIGINT does in place of aborting. */
  constructor(gentle?: () => void) {
    this.#gentle = gentle
    // As many may wait for it as are at work.
    setMaxListeners(0, this.#controller.signal)
    for (const name of signals) process.on(name, this.#onSignal)
  }

  /** Aborted by the first interruption that is not a gentle one. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** 128 and the number of the signal, as shells count; `undefined` while nothing has interrupted. */
  get exitCode(): number | undefined {
    return this.#exitCode
  }

  interrupt(cause: Cause): void {
    this.#exitCode ??= 128 + numbers[cause]
    this.#controller.abort(new Error(`interrupted by ${cause}`))
  }

  [Symbol.dispose](): void {
    for (const name of signals) process.off(name, this.#onSignal)
  }

  readonly #onSignal = (name: NodeJS.Signals): void => {
    // By an exit and not by the signal: then the ProxyCommands are ended, too.
    if (this.signal.aborted) process.exit(this.#exitCode)
    const gentle = this.#gentle
    this.#gentle = undefined
    if (gentle === undefined || name !== 'SIGINT') {
      this.interrupt(name as Cause)
      return
    }
    this.#exitCode = 128 + numbers.SIGINT
    gentle()
  }
}
