// Whether ssh and we say the same about a configuration: the same lines in the same order, or both a refusal of the
// same places. What may differ, and why, is the list in ssh-oracle-exceptions.ts.

import type { ConfigFiles, Question, SshOracle, Verdict } from './ssh-oracle.js'
import { comparedLines, exceptionFor, strictPlaces } from './ssh-oracle-exceptions.js'
import { askOurs } from './ssh-oracle-ours.js'

export interface Judged {
  readonly files: ConfigFiles
  readonly questions: readonly Question[]
}

/** The differences between ssh's answers and ours, in words for people; none is good. */
export async function agreement(oracle: SshOracle, judged: Judged): Promise<readonly string[]> {
  oracle.write(judged.files)
  const [theirs, ours] = await Promise.all([oracle.ask(judged.questions), askOurs(oracle, judged.questions)])
  return judged.questions.flatMap((question, index) => {
    const [their, our] = [theirs[index], ours[index]]
    if (their === undefined || our === undefined) throw new Error('a question was not answered')
    const difference = findDifference(their, our)
    if (difference === undefined) return []
    if (exceptionFor({ files: judged.files, question, theirs: their, ours: our }) !== undefined) return []
    return [`${JSON.stringify(question)}\n${indent(difference)}`]
  })
}

/** How two verdicts differ, exceptions left aside; undefined when they do not. */
export function findDifference(theirs: Verdict, ours: Verdict): string | undefined {
  if (theirs.accepted !== ours.accepted) {
    return theirs.accepted
      ? `ssh accepts it, we do not:\n${ours.messages}`
      : `ssh refuses it, we do not:\n${theirs.messages}`
  }
  if (theirs.accepted) return findLineDifference(theirs.lines, ours.lines)
  const missed = theirs.places.filter((place) => !ours.places.includes(place))
  const extra = strictPlaces(theirs, ours).filter((place) => !theirs.places.includes(place))
  if (missed.length === 0 && extra.length === 0) return undefined
  return `both refuse it, for other places:\nssh: ${theirs.messages}\nwe: ${ours.messages}`
}

function findLineDifference(theirs: readonly string[], ours: readonly string[]): string | undefined {
  const compared = comparedLines(theirs, ours)
  const differing = [
    ...compared.theirs.filter((line) => !compared.ours.includes(line)).map((line) => `ssh: ${line}`),
    ...compared.ours.filter((line) => !compared.theirs.includes(line)).map((line) => `we:  ${line}`),
  ]
  if (differing.length > 0) return differing.join('\n')
  const firstAt = compared.theirs.findIndex((line, index) => line !== compared.ours[index])
  if (firstAt < 0 && compared.theirs.length === compared.ours.length) return undefined
  return `the same lines in another order or number, first at ${compared.theirs[firstAt] ?? 'the end'}`
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ')
}
