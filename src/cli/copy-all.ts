// The work of `put` and `get`: one name of the command line after the other, what is shown and told meanwhile, and the exit
// code. As with scp, a file that fails does not keep the next from its turn.

import { SftpError, type TransferOptions, type TransferProgress, type TransferResult } from '../index.js'
import { hasFlag, type Invocation } from './command-line.js'
import type { Interruption } from './interruption.js'
import { jsonLine } from './json-text.js'
import { verbosityOf } from './options.js'
import type { ProgressBars } from './progress-bars.js'
import { reportError } from './report-error.js'
import { copiedDocument, failedDocument, skippedDocument, skippedLine, sumLine } from './transfer-news.js'
import { warnAll } from './warn.js'

/** One name of the command line, and how it is copied. */
export interface Copying {
  readonly source: string
  readonly copy: (options: TransferOptions) => Promise<TransferResult>
}

export interface CopyContext {
  readonly invocation: Invocation
  readonly interruption: Interruption
  /** Of all together, where that is known before. */
  readonly totalBytes: number | undefined
  /** Done first; that it rejects is a failure of all. */
  readonly prepare: () => Promise<void>
}

/** Resolves to 0, or to 1 when something could not be copied; rejects when nothing more can be. */
export async function copyAll(copyings: readonly Copying[], context: CopyContext): Promise<number> {
  const { invocation, interruption, totalBytes } = context
  const { signal } = interruption
  // A disk that is full keeps no file from its place; it is told at the end.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') interruption.interrupt('SIGPIPE')
  })
  try {
    await context.prepare()
  } catch (error) {
    if (signal.aborted || !isOfFiles(error)) throw error
    reportError(error, { verbosity: verbosityOf(invocation) })
    return 1
  }
  const asJson = hasFlag(invocation, '--json')
  const bars = await findBars(invocation, { count: copyings.length, totalBytes })
  const startedAt = performance.now()
  const results: TransferResult[] = []
  for (const { source, copy } of copyings) {
    try {
      const result = await shown(bars, source, (onProgress) => copy({ signal, onProgress }))
      results.push(result)
      if (asJson) for (const skipped of result.skipped) print(skippedDocument(source, skipped))
      else warnAll(result.skipped.map(skippedLine))
      if (asJson) print(copiedDocument(source, result))
    } catch (error) {
      if (signal.aborted) throw error
      if (asJson) print(failedDocument(source, error))
      if (!isOfFiles(error)) throw error
      reportError(error, { verbosity: verbosityOf(invocation) })
    }
  }
  const isTold = bars === undefined ? !asJson && !hasFlag(invocation, '-q') : copyings.length > 1
  if (isTold && results.length > 0) {
    const [files, bytes] = [results.map((result) => result.files), results.map((result) => result.bytes)]
    const sum = { files: total(files), bytes: total(bytes), durationMs: performance.now() - startedAt }
    process.stderr.write(`sallyport: ${sumLine(sum)}\n`)
  }
  return results.length === copyings.length ? 0 : 1
}

/** Whether it is about this file, so that another may go better. */
function isOfFiles(error: unknown): boolean {
  return error instanceof SftpError && error.code !== 'SFTP_UNAVAILABLE'
}

/** Loaded only where it draws. */
async function findBars(
  invocation: Invocation,
  options: { readonly count: number; readonly totalBytes: number | undefined },
): Promise<ProgressBars | undefined> {
  const isSilent = hasFlag(invocation, '-q') || hasFlag(invocation, '--json')
  if (isSilent || !process.stderr.isTTY) return undefined
  const { ProgressBars: Bars } = await import('./progress-bars.js')
  return new Bars(process.stderr, options)
}

async function shown(
  bars: ProgressBars | undefined,
  source: string,
  copy: (onProgress: ((progress: TransferProgress) => void) | undefined) => Promise<TransferResult>,
): Promise<TransferResult> {
  if (bars === undefined) return copy(undefined)
  bars.begin(source)
  let result: TransferResult | undefined
  try {
    result = await copy((progress) => bars.update(progress))
    return result
  } finally {
    bars.end(result)
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

function print(document: unknown): void {
  process.stdout.write(`${jsonLine(document)}\n`)
}
