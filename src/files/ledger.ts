// The books of a transfer: what was done, what was left out, and what the caller is told meanwhile.

import type { SkippedFile, TransferProgress } from './transfer.js'

/** Milliseconds between two reports. */
const reportEveryMs = 100

/** The part of one file. */
export interface FileMeter {
  /** So many bytes more are there. */
  add(bytes: number): void
  /** So many bytes were there already. */
  found(bytes: number): void
}

export interface LedgerOptions {
  readonly onProgress: ((progress: TransferProgress) => void) | undefined
  /** Told what `onProgress` throws. */
  readonly onError: (error: unknown) => void
}

export class Ledger {
  files = 0
  directories = 0
  bytes = 0
  /** Bytes of all files, where they are known. */
  totalBytes: number | undefined
  readonly skipped: SkippedFile[] = []
  readonly #options: LedgerOptions
  #there = 0
  #last: Pick<TransferProgress, 'path' | 'bytes' | 'totalBytes'> = {
    path: '',
    bytes: 0,
    totalBytes: undefined,
  }
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  /** A file is under way. */
  begin(path: string, totalBytes: number | undefined): FileMeter {
    let bytes = 0
    const tell = (): void => {
      this.#last = { path, bytes, totalBytes }
      this.#reportNowAndThen()
    }
    const there = (count: number): void => {
      bytes += count
      this.#there += count
      tell()
    }
    tell()
    return {
      add: (count) => {
        this.bytes += count
        there(count)
      },
      found: there,
    }
  }

  skip(path: string, reason: string): void {
    this.skipped.push(Object.freeze({ path, reason }))
  }

  /** The report at the end, and whenever else one must be. */
  report(): void {
    const { onProgress, onError } = this.#options
    if (onProgress === undefined) return
    this.#reportedAt = performance.now()
    const { totalBytes, files } = this
    try {
      onProgress({ ...this.#last, all: { bytes: this.#there, totalBytes, files } })
    } catch (error) {
      onError(error)
    }
  }

  #reportNowAndThen(): void {
    if (this.#options.onProgress === undefined) return
    if (performance.now() - this.#reportedAt >= reportEveryMs) this.report()
  }
}
