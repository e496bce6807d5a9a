// An error as lines for a person: what went wrong, why, what was tried, and what to do. Never a stack.

import {
  AuthError,
  ConfigError,
  errorCodes,
  GatewayConflictError,
  ProxyCommandError,
  printable,
  printableLines,
  SallyportError,
} from '../index.js'
import { causeMessages, messageOf } from './error-causes.js'
import { OutputError } from './output-error.js'

const longestLine = 2000

export interface ReportOptions {
  readonly verbosity: number
  /** Whether the credentials that were tried still need to be shown. */
  readonly tried?: 'shown already' | undefined
}

/** Writes the lines to standard error. */
export function reportError(error: unknown, options: ReportOptions): void {
  process.stderr.write(`${formatError(error, options).join('\n')}\n`)
}

/** The lines of an error; foreign text in it is made safe to show. */
export function formatError(error: unknown, { verbosity, tried }: ReportOptions): readonly string[] {
  return [
    ...headlines(error).map((line) => `sallyport: error: ${printable(line, longestLine)}`),
    ...causeMessages(error).map((cause) => `cause: ${printable(cause, longestLine)}`),
    ...(tried === undefined ? triedBy(error) : []).map((line) => printable(line, longestLine)),
    ...allowedBy(error).map((line) => printable(line, longestLine)),
    ...stderrOf(error),
    ...hintOf(error).map((hint) => `hint: ${printable(hint, longestLine)}`),
    ...(verbosity > 1 && error instanceof SallyportError ? [`code: ${error.code}`] : []),
  ]
}

/** 2 when the command line cannot be used, 255 for everything else that gave no exit code. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof ConfigError)) return 255
  const { origin, problems } = error
  const sources =
    error instanceof GatewayConflictError ? error.sources : problems.map((problem) => problem.origin)
  const origins = sources.length > 0 ? sources : [origin ?? '']
  return origins.every(isOfCommandLine) ? 2 : 255
}

/** Whether a value came from a flag or the host, and not from a file or a variable. */
function isOfCommandLine(origin: string): boolean {
  return /^(?:-|host$|the (?:user|port) in the host$)/.test(origin)
}

/** One for each thing that is wrong in a configuration file, else the message. */
function headlines(error: unknown): readonly string[] {
  if (!(error instanceof ConfigError) || error.problems.length < 2) return [messageOf(error)]
  return error.problems.map(({ origin, message }) => `${origin}: ${message}`)
}

function triedBy(error: unknown): readonly string[] {
  if (!(error instanceof AuthError)) return []
  return error.tried.map(({ method, source, fingerprint, outcome, note }) => {
    const what = [method, fingerprint, source === undefined ? undefined : `(${source})`]
    const words = what.filter((word) => word !== undefined).join(' ')
    return `tried: ${words}: ${outcome}${note === undefined ? '' : `, ${note}`}`
  })
}

function allowedBy(error: unknown): readonly string[] {
  if (!(error instanceof AuthError) || error.allowed.length === 0) return []
  return [`allowed: ${error.allowed.join(', ')}`]
}

function stderrOf(error: unknown): readonly string[] {
  if (!(error instanceof ProxyCommandError)) return []
  const lines = printableLines(error.stderrTail, 4096).trimEnd().split('\n')
  // Its last line is in the message.
  if (lines.length < 2) return []
  return ['stderr of the ProxyCommand:', ...lines.map((line) => `  ${line}`)]
}

/** The error's own hint, or else the remedy of its code. */
function hintOf(error: unknown): readonly string[] {
  if (error instanceof OutputError) return [error.hint]
  if (!(error instanceof SallyportError)) return []
  return [error.hint ?? errorCodes[error.code].remedy]
}
