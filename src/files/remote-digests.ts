// Checksums of files of the server, made there by a command: many by one command where many are wanted at once.

import { type HopRef, SallyportError, SftpError } from '../errors.js'
import { run } from '../exec/run.js'
import type { Acquire } from '../hops/lease.js'
import type { Sftp } from '../sftp/sftp.js'
import { type BytePath, shownPath } from './byte-path.js'

/** The first `bytes` of a file. */
export interface DigestRequest {
  readonly path: BytePath
  readonly bytes: number
}

interface Waiting extends DigestRequest {
  readonly resolve: (digest: string) => void
  readonly reject: (error: unknown) => void
}

/** Files of one command. */
const maxFiles = 100

// Reads each file on standard input, so that no name is taken for an option and none is printed. Its arguments are pairs
// of a number and a path; it prints one line for each.
const script = `
if command -v sha256sum >/dev/null 2>&1; then s() { sha256sum; }
elif command -v shasum >/dev/null 2>&1; then s() { shasum -a 256; }
elif command -v openssl >/dev/null 2>&1; then s() { openssl dgst -sha256 -r; }
else exit 127; fi
while [ $# -gt 0 ]; do
  if { head -c "$1" | s; } <"$2"; then :; else echo failed; fi
  shift 2
done`

/** SHA-256 of files of one host. */
export class RemoteDigests {
  readonly #acquire: Acquire
  readonly #sftp: Sftp
  readonly #signal: AbortSignal
  readonly #waiting: Waiting[] = []
  #isBusy = false
  #start: Promise<string> | undefined

  constructor(acquire: Acquire, { sftp, signal }: { readonly sftp: Sftp; readonly signal: AbortSignal }) {
    this.#acquire = acquire
    this.#sftp = sftp
    this.#signal = signal
  }

  /** In hexadecimal. Rejects with CHECKSUM_UNAVAILABLE where the server cannot make it. */
  sha256(request: DigestRequest): Promise<string> {
    return new Promise((resolve, reject) => {
      // One that no command can be given is not to spoil the others.
      pathArgument(request.path)
      this.#waiting.push({ ...request, resolve, reject })
      if (!this.#isBusy) void this.#work()
    })
  }

  async #work(): Promise<void> {
    this.#isBusy = true
    // What is asked for in the same turn goes along.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxFiles)
      try {
        const lines = await this.#ask(batch)
        for (const [index, one] of batch.entries()) {
          const digest = /^\\?([0-9a-f]{64})\b/.exec(lines[index] ?? '')?.[1]
          if (digest !== undefined) one.resolve(digest)
          else one.reject(unavailable(one.path))
        }
      } catch (error) {
        for (const one of batch) one.reject(this.#blame(one.path, error))
      }
    }
    this.#isBusy = false
  }

  async #ask(batch: readonly Waiting[]): Promise<readonly string[]> {
    const start = await this.#startDirectory()
    const args = batch.flatMap(({ path, bytes }) => {
      const text = pathArgument(path)
      return [String(bytes), text.startsWith('/') ? text : `${start}/${text}`]
    })
    const command = ['sh', '-c', script, 'sh', ...args]
    const { stdout } = await run(this.#acquire, command, { signal: this.#signal })
    return stdout.split('\n')
  }

  /** Where relative paths of the session begin, which need not be where commands do. */
  #startDirectory(): Promise<string> {
    this.#start ??= this.#sftp.realpath('.', { signal: this.#signal })
    return this.#start
  }

  #blame(path: BytePath, error: unknown): unknown {
    if (this.#signal.aborted) return error
    const code = error instanceof SallyportError ? error.code : undefined
    const isOurs = code === undefined || code === 'CONNECTION_LOST' || code === 'CLOSED'
    return isOurs ? error : unavailable(path, error)
  }
}

/** Rejects with CHECKSUM_MISMATCH unless the server has the same content under this path. */
export async function requireDigest(
  { digests, hop }: { readonly digests: RemoteDigests; readonly hop: HopRef },
  { path, size, digest }: { readonly path: BytePath; readonly size: number; readonly digest: string },
): Promise<void> {
  if ((await digests.sha256({ path, bytes: size })) === digest) return
  const shown = shownPath(path)
  const what = `what the server has as ${shown} is not what is here`
  throw new SftpError('CHECKSUM_MISMATCH', what, { path: shown, hop })
}

function unavailable(path: BytePath, cause?: unknown): SftpError {
  const shown = shownPath(path)
  return new SftpError('CHECKSUM_UNAVAILABLE', `the server made no checksum of ${shown}`, {
    path: shown,
    cause,
  })
}

/** Throws for a path that no command can be given, because commands are text. */
function pathArgument(path: BytePath): string {
  const text = path.toString()
  if (typeof path !== 'string' && !Buffer.from(text).equals(path)) throw unavailable(path)
  return text
}
