// The temporary files of a transfer on the server, each of which is gone at the end, one way or another; and old files
// that were set aside, which go back to their places.

import { AbortError, type HopRef, SallyportError } from '../errors.js'
import type { Acquire } from '../hops/lease.js'
import { openSftp } from '../sftp/open-sftp.js'
import type { Sftp } from '../sftp/sftp.js'
import { type BytePath, shownPath } from './byte-path.js'

/** How long a server may be silent while it is to clean up after a transfer that has failed. */
const silenceMs = 800
const wholeMs = 10_000

/** For a second try on a new session, after the first was lost. */
const secondTryMs = 5000

export class Leftovers {
  /** With the place of what was only set aside. */
  readonly #paths = new Map<BytePath, BytePath | undefined>()

  /** There may be such a file from now on. One with a `placeOf` goes back there, unless something is there then. */
  add(path: BytePath, { placeOf }: { readonly placeOf?: BytePath } = {}): void {
    this.#paths.set(path, placeOf)
  }

  /** There is none any more, or there is to be. */
  forget(path: BytePath): void {
    this.#paths.delete(path)
  }

  get isEmpty(): boolean {
    return this.#paths.size === 0
  }

  /** What is left, for people: some of the paths. */
  toString(): string {
    const [first, ...more] = [...this.#paths].map(([path, place]) =>
      place === undefined ? shownPath(path) : `${shownPath(path)}, which is what ${shownPath(place)} was,`,
    )
    return more.length === 0 ? `${first}` : `${first} and ${more.length} more`
  }

  /** Removes all that can be removed; never rejects. `lastReceivedAt` tells when the server was heard last. */
  async remove(sftp: Sftp, lastReceivedAt: () => number): Promise<void> {
    if (this.isEmpty) return
    const patience = new AbortController()
    const begun = performance.now()
    const clock = setInterval(() => {
      const now = performance.now()
      const isSilent = now - Math.max(begun, lastReceivedAt()) > silenceMs
      if (isSilent || now - begun > wholeMs) patience.abort()
    }, 100)
    try {
      await this.#unlinkAll(sftp, patience.signal)
    } finally {
      clearInterval(clock)
    }
  }

  /** The same on a new session, for when the old one was lost. */
  async removeAnew(acquire: Acquire, signal: AbortSignal | undefined): Promise<void> {
    if (this.isEmpty || signal?.aborted) return
    try {
      await using sftp = await openSftp(acquire, { timeoutMs: secondTryMs, signal })
      await this.remove(sftp, () => 0)
    } catch {
      // The error of the transfer says what may be left.
    }
  }

  async #unlinkAll(sftp: Sftp, signal: AbortSignal): Promise<void> {
    const remove = async (path: BytePath, place: BytePath | undefined): Promise<void> => {
      try {
        const isFree = place !== undefined && (await isNothing(sftp, place, signal))
        if (isFree) await sftp.rename(path, place, { signal })
        else await sftp.unlink(path, { signal })
        this.#paths.delete(path)
      } catch (error) {
        if (error instanceof SallyportError && error.code === 'SFTP_NO_SUCH_FILE') this.#paths.delete(path)
      }
    }
    await Promise.all([...this.#paths].map(([path, place]) => remove(path, place)))
  }
}

/** Rejects when the server does not say. */
async function isNothing(sftp: Sftp, path: BytePath, signal: AbortSignal): Promise<boolean> {
  try {
    await sftp.lstat(path, { signal })
    return false
  } catch (error) {
    if (error instanceof SallyportError && error.code === 'SFTP_NO_SUCH_FILE') return true
    throw error
  }
}

/** The same error, of the same class and with the same fields, whose hint has the paths that are left, too. */
export function withLeftovers(error: unknown, leftovers: Leftovers, hop: HopRef): unknown {
  if (leftovers.isEmpty || !(error instanceof SallyportError)) return error
  const left = `${leftovers} may be left on the server`
  const hint = error.hint === undefined ? left : `${error.hint}; ${left}`
  // Another call may have rejected with this very error, so that it stays as it is.
  const details = { cause: error instanceof AbortError ? error.cause : error }
  const told: SallyportError = Reflect.construct(
    SallyportError,
    [error.code, error.message, details],
    error.constructor,
  )
  return Object.assign(told, error, { hop: error.hop ?? hop, phase: error.phase ?? 'session', hint })
}
