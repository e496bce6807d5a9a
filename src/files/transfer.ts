// The words of put and get: what can be asked for, what is told meanwhile, and what is given back.

import type { Readable, Writable } from 'node:stream'
import type { CallOptions } from '../dialer.js'

/** What `put` takes: a path or glob pattern of this machine, bytes, or a stream, which is destroyed at the end. */
export type PutSource = string | Uint8Array | Readable | AsyncIterable<string | Uint8Array>

/**
 * Where `get` puts it: a path of this machine, a stream, which is ended, or `{ as: 'bytes' }`. In a path `{host}`,
 * `{user}`, `{port}`, `{basename}` and `{dirname}` stand for those of the host and of the remote file.
 */
export type GetTarget = string | Writable | GetBytes

/** Asks for the content itself. */
export interface GetBytes {
  readonly as: 'bytes'
  /** More is OUTPUT_LIMIT. Default 64 MiB. */
  readonly maxBytes?: number | undefined
}

export interface TransferOptions extends CallOptions {
  /** Directories, too, with all that is in them. Default false: a directory is an error. */
  readonly recursive?: boolean | undefined
  /**
   * Give the copy the permissions of the original, without the setuid, setgid and sticky bits. Default true. Else, as with
   * scp, the umask of the side that makes it takes from them, and a file that is replaced keeps its own.
   */
  readonly preserveMode?: boolean | undefined
  /** Give the copy the times of the original. Default true. */
  readonly preserveTimes?: boolean | undefined
  /**
   * What becomes of symbolic links below a directory: they are left out and listed in `skipped` (the default), copied as
   * links, or followed where they lead to something within the directory. A path that is given itself is followed.
   */
  readonly symlinks?: 'skip' | 'copy' | 'follow' | undefined
  /** Go on where an interrupted transfer stopped; it leaves its temporary file for that. Default false. */
  readonly resume?: boolean | undefined
  /** Compare both ends by this checksum afterwards; the remote one is made by `sha256sum` in a command. Default none. */
  readonly checksum?: 'sha256' | undefined
  /** Told at the beginning, at most some 10 times a second, and at the end. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
}

export interface TransferProgress {
  /** The file that is under way, by its path at the source; empty for bytes and streams. */
  readonly path: string
  /** Bytes of this file that are there. */
  readonly bytes: number
  /** The size of this file, where it is known. */
  readonly totalBytes: number | undefined
  /** Of the whole transfer. */
  readonly all: { readonly bytes: number; readonly totalBytes: number | undefined; readonly files: number }
}

/** What a transfer did. Frozen. */
export interface TransferResult {
  readonly host: string
  /** The path here, absolute; `undefined` for bytes and streams. Of several sources, the directory. */
  readonly local: string | undefined
  /** The path there, as it was used. */
  readonly remote: string
  readonly files: number
  readonly directories: number
  /** Bytes that went over the wire. */
  readonly bytes: number
  readonly durationMs: number
  /** What was left out, and why. */
  readonly skipped: readonly SkippedFile[]
}

/** As {@link TransferResult}, with the content. */
export interface BytesResult extends TransferResult {
  readonly content: Buffer
}

export interface SkippedFile {
  readonly path: string
  /** In words: `symbolic link`, `fifo`, `vanished` and the like. */
  readonly reason: string
}
