// The blocks of a parsed file, in their order, for one host: which apply, and what is obtained from them. Files and
// commands are fetched through `effects`; where neither is needed, nothing is waited for.

import { ConfigError, type ConfigProblem } from '../../../errors.js'
import { matchesHostList, matchList } from '../../pattern.js'
import { type MatchFacts, matches, matchesRunning } from '../match/match.js'
import type { Block, Directive, Line, ParsedFile } from '../parse/parsed-file.js'
import { inQuotes } from '../parse/words.js'
import type { Collected } from './collected.js'
import type { Work } from './work.js'

/** readconf.c READCONF_MAX_DEPTH */
const deepestInclude = 16

/** In one pass, included ones and repetitions counted. OpenSSH has no limit. */
const mostFiles = 4096

/** readconf.h SSH_MAX_IDENTITY_FILES, SSH_MAX_CERTIFICATE_FILES */
const mostKeyFiles = 100

/** Of keywords whose values gather without end in OpenSSH: forwards, names of variables. */
const mostValues = 1000

/** What an Include costs besides the lines of its files: a look at the file system. */
const stepsPerInclude = 10

/** Where a file's relative names begin, and whether `~` means a home in it. */
export type Location = 'user' | 'system'

/** What an evaluation needs from outside. */
export interface Effects {
  /** The files that one word of an Include names, in their order; what is wrong with it goes to `onProblem`. */
  include(word: string, from: IncludeFrom): Promise<readonly ParsedFile[]>
  /** Whether the command of a Match line succeeds; undefined when it was not run. */
  run(command: string, origin: string): Promise<boolean | undefined>
}

export interface IncludeFrom {
  readonly location: Location
  readonly origin: string
}

/** One pass over all files. */
export interface Pass {
  /** What Host lines see. */
  readonly host: string
  /** What Match lines see at this moment. */
  readonly facts: MatchFacts
  readonly collected: Collected
  readonly effects: Effects
  readonly onProblem: (problem: ConfigProblem) => void
  readonly onRemark: (text: string) => void
  /** A Match line asks for another pass, whether it applies or not. */
  readonly onFinalWanted: () => void
  /** Sees every block, applied or not. */
  readonly onBlock?: ((block: Block) => void) | undefined
  readonly work: Work
  /** How many files were evaluated so far. */
  files: number
}

/** How a file came to be read. */
export interface Inclusion {
  readonly location: Location
  readonly depth: number
  /** Whether the block that includes it applies; else it is only checked. */
  readonly applies: boolean
}

/** Rejects with {@link ConfigError} for includes without end, and with what the effects reject with. */
export async function evaluateFile(file: ParsedFile, inclusion: Inclusion, pass: Pass): Promise<void> {
  pass.files += 1
  if (pass.files > mostFiles) throw endless(file.label, `more than ${mostFiles} files are included`)
  const blocks = pass.onBlock === undefined ? file.blocksFor(pass.host) : file.blocks
  for (const block of blocks) {
    pass.onBlock?.(block)
    const pause = pass.work.spend(1 + block.patterns, file.label)
    if (pause !== undefined) await pause
    if (block.requestsFinal) pass.onFinalWanted()
    const applies =
      inclusion.applies && (block.runs ? await appliesAfterRunning(block, pass) : isFor(block, pass))
    for (const line of applies ? block.lines : block.inAnyCase) {
      const rest = pass.work.spend(stepsOf(line, pass), file.label)
      if (rest !== undefined) await rest
      if (line.kind === 'include') await evaluateInclude(line, { ...inclusion, applies }, pass)
      else take(line, pass)
    }
  }
}

function stepsOf(line: Line, { collected }: Pass): number {
  switch (line.kind) {
    case 'include':
      return line.paths.length * stepsPerInclude
    case 'directive':
      // Each word of a value that gathers is compared with all that are there.
      return 1 + line.words.length * (1 + (collected.values.get(line.keyword)?.length ?? 0))
    case 'unknown':
      return 1 + (collected.find('IgnoreUnknown')?.length ?? 0)
    case 'problem':
    case 'remark':
      return 1
  }
}

function isFor({ condition }: Block, pass: Pass): boolean {
  switch (condition.kind) {
    case 'start of file':
      return true
    case 'never':
      return false
    case 'Host':
      return matchList(pass.host, condition.patterns) === 'yes'
    case 'Match':
      return matches(condition.criteria, pass.facts)
  }
}

async function appliesAfterRunning({ condition }: Block, pass: Pass): Promise<boolean> {
  if (condition.kind !== 'Match') return false
  const { criteria, origin } = condition
  return matchesRunning(criteria, {
    facts: pass.facts,
    run: (command) => pass.effects.run(command, origin),
  })
}

/** What one line gives, in a block that applies. */
export function take(
  line: Exclude<Line, { kind: 'include' }>,
  pass: Pick<Pass, 'collected' | 'onProblem' | 'onRemark'>,
): void {
  if (line.kind === 'directive') takeDirective(line, pass)
  else if (line.kind === 'problem') pass.onProblem(line.problem)
  else if (line.kind === 'remark') pass.onRemark(line.text)
  else if (!matchesHostList(line.keyword, pass.collected.find('IgnoreUnknown') ?? '')) {
    pass.onProblem({
      origin: line.origin,
      message: `bad configuration option${inQuotes(line.keyword)}`,
    })
  }
}

function takeDirective(line: Directive, pass: Pick<Pass, 'collected' | 'onProblem'>): void {
  const { keyword, origin } = line
  const most = keyword === 'IdentityFile' || keyword === 'CertificateFile' ? mostKeyFiles : mostValues
  const count = pass.collected.values.get(keyword)?.length ?? 0
  if (count < most) pass.collected.add(line)
  else pass.onProblem({ origin, message: `${keyword}: more than ${most} values` })
}

async function evaluateInclude(
  { paths, origin }: Extract<Line, { kind: 'include' }>,
  inclusion: Inclusion,
  pass: Pass,
): Promise<void> {
  const { location, depth } = inclusion
  for (const path of paths) {
    const files = await pass.effects.include(path, { location, origin })
    if (files.length > 0 && depth >= deepestInclude) {
      throw endless(origin, `files are included more than ${deepestInclude} deep`)
    }
    for (const file of files) await evaluateFile(file, { ...inclusion, depth: depth + 1 }, pass)
  }
}

function endless(origin: string, message: string): ConfigError {
  return new ConfigError('CONFIG_INVALID', `${origin}: ${message}`, {
    origin,
    phase: 'resolve',
    problems: [{ origin, message }],
    hint: 'look for a file that includes itself',
  })
}
