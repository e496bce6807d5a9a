// What became of the members of a group, as documents for programs: one for each outcome, and one for all.

import { CommandError, type Member, type Outcome } from '../index.js'
import { describeError } from './describe-error.js'
import { causesOf } from './group-causes.js'

/** What is known of a stream that a command wrote. */
export interface CapturedText {
  readonly text: string
  readonly isTruncated: boolean
}

/** What a member left: its output, or the files that have it. */
export interface MemberRecord {
  readonly stdout: CapturedText
  readonly stderr: CapturedText
  readonly files: { readonly stdout: string; readonly stderr: string } | undefined
}

/** Plain data; `record` is absent for a member that was never begun. */
export function outcomeDocument(
  outcome: Outcome<unknown>,
  record: MemberRecord | undefined,
): Readonly<Record<string, unknown>> {
  const { member, status, durationMs } = outcome
  const error = outcome.status === 'failed' ? outcome.error : undefined
  return {
    event: 'outcome',
    ...memberFields(member),
    status,
    reason: outcome.status === 'skipped' ? outcome.reason : undefined,
    exitCode: status === 'succeeded' ? 0 : error instanceof CommandError ? error.exitCode : null,
    signal: error instanceof CommandError ? error.signal : null,
    durationMs: rounded(durationMs),
    ...outputFields(record),
    error: error === undefined ? null : describeError(error),
  }
}

/** The last line. */
export function summaryDocument(
  outcomes: readonly Outcome<unknown>[],
  { durationMs, isInterrupted }: { readonly durationMs: number; readonly isInterrupted: boolean },
): Readonly<Record<string, unknown>> {
  const failed = outcomes.filter((outcome) => outcome.status === 'failed')
  const skipped = outcomes.filter(({ status }) => status === 'skipped').length
  return {
    event: 'summary',
    members: outcomes.length,
    succeeded: outcomes.length - failed.length - skipped,
    failed: failed.length,
    skipped,
    interrupted: isInterrupted,
    durationMs: rounded(durationMs),
    causes: causesOf(failed).map(({ name, message, hint, failures }) => ({
      cause: name,
      message,
      hint,
      members: failures.map(({ member }) => member.id),
    })),
  }
}

function memberFields({ id, host, gateway }: Member): Readonly<Record<string, unknown>> {
  return { member: id, host, gateway: gateway ?? null }
}

function outputFields(record: MemberRecord | undefined): Readonly<Record<string, unknown>> {
  if (record === undefined) return {}
  const { stdout, stderr, files } = record
  if (files !== undefined) return { files }
  return {
    stdout: stdout.text,
    stdoutTruncated: stdout.isTruncated,
    stderr: stderr.text,
    stderrTruncated: stderr.isTruncated,
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
