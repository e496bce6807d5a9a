// One host asked of all files, as ssh.c does it: the query's own words, a pass over the files, the name to connect to,
// and a second pass where canonicalisation or a Match line asks for one.

import { abortError } from '../../../aborted.js'
import { ConfigError, type ConfigProblem } from '../../../errors.js'
import type { Env } from '../../home-path.js'
import { unlessAborted } from '../../unless-aborted.js'
import type { ExecPolicy, LookUpOptions, SshConfigAnswer, SshConfigQuery } from '../answer.js'
import { canonicalName, type FindName } from '../canonical/canonical.js'
import { rulesOf } from '../canonical/rules.js'
import { findIncluded } from '../files/include.js'
import type { Snapshot } from '../files/snapshot.js'
import { Unacceptable } from '../keyword.js'
import { createFacts, hostNameOf, type Scene, tokensOf } from '../match/facts.js'
import { parseDirective } from '../parse/parse.js'
import type { Block, ParsedFile } from '../parse/parsed-file.js'
import type { LocalAccount } from '../tokens/local-account.js'
import { expandTokens } from '../tokens/tokens.js'
import { type Collected, createCollected } from './collected.js'
import { type Effects, evaluateFile, type Location, type Pass, take } from './evaluate.js'
import { decide } from './exec-policy.js'
import { createFindings, type Findings } from './findings.js'
import { runCommand } from './run-command.js'
import { createWork } from './work.js'

/** A file at the top, and whose it is. */
export interface TopFile {
  readonly file: ParsedFile
  readonly location: Location
}

/** What look-ups have in common. */
export interface LookUpContext {
  readonly account: LocalAccount
  readonly env: Env
  readonly systemDirectory: string
  readonly onProblem: 'throw' | 'warn'
  readonly exec: ExecPolicy
  readonly include: 'read' | 'refuse'
  readonly findName: FindName
}

/** The files as one look-up sees them. */
export interface Files {
  readonly snapshot: Snapshot
  /** In the order of their precedence. */
  readonly top: readonly TopFile[]
}

/** What a look-up is given; the files are opened only for a query that is good. */
export interface LookUpGiven {
  readonly context: LookUpContext
  readonly openFiles: () => Promise<Files>
}

/** ssh.c fills in the defaults of these before the second pass, where they come too late. */
const settledByFirstPass = [
  'HostName',
  'CanonicalizeHostname',
  'CanonicalizeMaxDots',
  'CanonicalizeFallbackLocal',
] as const

/** Rejects with {@link ConfigError}. */
export async function lookUp(
  query: SshConfigQuery,
  options: LookUpOptions,
  given: LookUpGiven,
): Promise<SshConfigAnswer> {
  const { context } = given
  const collected = createCollected()
  const findings = createFindings(context.onProblem)
  takeQuery(query, { collected, env: context.env, findings })
  const scene: Scene = { query, collected, account: context.account, onProblem: findings.add }
  const run = { context, files: await unlessAborted(options.signal, given.openFiles), options, findings }

  const first = await evaluateAll(scene, run)
  const hostName = hostNameOf(scene)
  findings.throwAny()
  const rules = rulesOf(collected, query)
  const host = await canonicalName(hostName, rules, (name, how) =>
    unlessAborted(options.signal, () => context.findName(name, how)),
  )
  if (first.isFinalWanted || rules.canonicalize !== 'no') {
    for (const keyword of settledByFirstPass) collected.close(keyword)
    await evaluateAll({ ...scene, canonicalHost: host }, run)
    findings.throwAny()
  }
  return Object.freeze({
    host: query.host,
    hostName: host,
    values: collected.values,
    beaten: new Map([...collected.beaten].map(([keyword, origins]) => [keyword, [...origins]])),
    warnings: findings.warnings(),
  })
}

/**
 * Every block of the files, included ones too, in their order; what is wrong with their lines is left to look-ups.
 * Rejects with {@link ConfigError} for a file that cannot be used.
 */
export async function visitBlocks(
  visit: (block: Block) => void,
  options: LookUpOptions,
  given: LookUpGiven,
): Promise<void> {
  const { context } = given
  const findings = createFindings('warn')
  const query = { host: '' }
  const scene = { query, collected: createCollected(), account: context.account, onProblem: findings.add }
  await evaluateAll(scene, { context, files: await given.openFiles(), options, findings, visit })
}

interface Run {
  readonly context: LookUpContext
  readonly files: Files
  readonly options: LookUpOptions
  readonly findings: Findings
  readonly visit?: (block: Block) => void
}

async function evaluateAll(scene: Scene, run: Run): Promise<{ readonly isFinalWanted: boolean }> {
  const { files, findings, visit } = run
  throwIfAborted(run.options.signal)
  const facts = createFacts(scene)
  let isFinalWanted = false
  const pass: Pass = {
    host: scene.canonicalHost ?? scene.query.host,
    facts,
    collected: scene.collected,
    effects: createEffects(scene, { ...run, facts }),
    onProblem: findings.add,
    onRemark: findings.warn,
    onFinalWanted: () => {
      isFinalWanted = true
    },
    onBlock: visit,
    work: createWork(run.options.signal),
    files: 0,
  }
  for (const { file, location } of files.top) {
    await evaluateFile(file, { location, depth: 0, applies: visit === undefined }, pass)
  }
  return { isFinalWanted }
}

function createEffects(scene: Scene, run: Run & { readonly facts: Pass['facts'] }): Effects {
  const { context, options, findings, facts } = run
  const { signal, exec = context.exec } = options
  const { account, env, systemDirectory, include: policy } = context
  const tokens = () => tokensOf(scene, facts)
  const { snapshot } = run.files
  const includes = { policy, snapshot, homes: account, env, systemDirectory, tokens, onProblem: findings.add }
  return {
    include: (word, from) => unlessAborted(signal, () => findIncluded(word, from, includes)),
    async run(text, origin) {
      const expanded = () => expandTokens(text, { keyword: 'Match exec', values: tokens(), origin })
      const request = () => ({ command: expanded(), origin })
      if (await decide(exec, { origin, what: 'Match exec', request, signal })) {
        return (await runCommand({ command: expanded(), origin, signal, env })) === 0
      }
      findings.warn(`${origin}: Match exec was not run`)
      return undefined
    },
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal.reason, { phase: 'resolve' })
}

interface Taking {
  readonly collected: Collected
  readonly env: Env
  readonly findings: Findings
}

function takeQuery(query: SshConfigQuery, { collected, env, findings }: Taking): void {
  const { user, port, hostName, hostKeyAlias, proxyJump, directives = [] } = query
  if (user !== undefined) collected.add({ keyword: 'User', words: [user], origin: '-l' })
  if (port !== undefined) collected.add({ keyword: 'Port', words: [String(port)], origin: '-p' })
  if (hostName !== undefined) {
    collected.add({ keyword: 'HostName', words: [hostName.replaceAll('%', '%%')], origin: '-o HostName' })
  }
  if (hostKeyAlias !== undefined) {
    collected.add({ keyword: 'HostKeyAlias', words: [hostKeyAlias], origin: '-o HostKeyAlias' })
  }
  const jump = proxyJump === undefined ? [] : [{ text: `ProxyJump=${proxyJump}`, origin: '-J' }]
  for (const { text, origin } of [...jump, ...directives]) {
    try {
      const line = parseDirective(text, { origin, env })
      if (line !== undefined && line.kind !== 'include') {
        take(line, { collected, onProblem: refuse, onRemark: findings.warn })
      }
    } catch (error) {
      if (!(error instanceof Unacceptable)) throw error
      refuse({ origin, message: error.message })
    }
  }
}

function refuse({ origin, message }: ConfigProblem): never {
  throw new ConfigError('INVALID_OPTION', `${origin}: ${message}`, {
    origin,
    phase: 'resolve',
    problems: [{ origin, message }],
  })
}
