// What `put` and `get` say of what they did: documents for --json, and lines for people.

import type { SkippedFile, TransferResult } from '../index.js'
import { formatBytes } from './byte-count.js'
import { describeError } from './describe-error.js'
import { formatTime } from './progress-line.js'

/** A name of the command line that was copied. */
export function copiedDocument(source: string, result: TransferResult): Readonly<Record<string, unknown>> {
  const { host, local, remote, files, directories, bytes, durationMs } = result
  return { event: 'copied', source, host, local, remote, files, directories, bytes, durationMs }
}

export function skippedDocument(
  source: string,
  { path, reason }: SkippedFile,
): Readonly<Record<string, unknown>> {
  return { event: 'skipped', source, path, reason }
}

export function failedDocument(source: string, error: unknown): Readonly<Record<string, unknown>> {
  return { event: 'failed', source, error: describeError(error) }
}

/** For a person, without the program's name. */
export function skippedLine({ path, reason }: SkippedFile): string {
  return `skipped ${path}: ${reason}`
}

/** What all names together came to. */
export interface TransferSum {
  readonly files: number
  readonly bytes: number
  readonly durationMs: number
}

/** `3 files, 12 MiB in 0:04, 3.1 MiB/s`. */
export function sumLine({ files, bytes, durationMs }: TransferSum): string {
  const rate = `${formatBytes((bytes / Math.max(1, durationMs)) * 1000)}/s`
  const count = files === 1 ? '1 file' : `${files} files`
  return `${count}, ${formatBytes(bytes)} in ${formatTime(durationMs / 1000)}, ${rate}`
}
