// `sallyport run -H`: one command on many hosts, watched while it runs and summed up at the end. Who the hosts are, where
// their output goes, and how all of it looks stands in group-*.ts.

import { Connection, Group, type GroupWork } from '../index.js'
import type { Invocation } from './command-line.js'
import { runCommand } from './group-command.js'
import { fileNames, makeOutputDirectory } from './group-files.js'
import { type GroupFlags, readGroupFlags } from './group-flags.js'
import { namedHosts } from './group-hosts.js'
import { outcomeDocument, summaryDocument } from './group-json.js'
import { labelGateways, labelMembers } from './group-labels.js'
import { watchGroup } from './group-live.js'
import {
  capturedOutput,
  filedOutput,
  type MemberOutput,
  type OpenOutput,
  prefixedOutput,
  SharedOutput,
} from './group-output.js'
import { allAreMisconfigured, summaryLines } from './group-summary.js'
import { GroupTally } from './group-tally.js'
import { Interruption } from './interruption.js'
import { jsonLine } from './json-text.js'
import { MisuseError } from './misuse.js'
import { readFlagRequest, verbosityOf } from './options.js'
import { paintFor } from './paint.js'
import { exitCodeOf, reportError } from './report-error.js'
import { tell } from './verbose.js'

const outputs = { stdout: new SharedOutput(process.stdout), stderr: new SharedOutput(process.stderr) }

/** Resolves to the exit code: 0 when all have succeeded, 1 when any has not, 130 when it was interrupted. */
export async function runMany(invocation: Invocation): Promise<number> {
  const verbosity = verbosityOf(invocation)
  const stopTelling = tell(verbosity, { except: new Set() })
  let stop = (): void => interruption.interrupt('SIGINT')
  using interruption = new Interruption(() => stop())
  process.stdout.on('error', () => interruption.interrupt('SIGPIPE'))
  try {
    const flags = readGroupFlags(invocation)
    await using group = await openGroup(invocation, { flags, signal: interruption.signal })
    const run = new GroupRun(group, { invocation, flags, interruption })
    stop = () => run.stop()
    const exitCode = await run.toEnd()
    return interruption.exitCode ?? exitCode
  } catch (error) {
    if (error instanceof MisuseError) throw error
    if (interruption.exitCode !== undefined) return interruption.exitCode
    reportError(error, { verbosity })
    return exitCodeOf(error)
  } finally {
    stopTelling()
  }
}

/** The hosts are read, and the flags looked through, before any work. */
async function openGroup(
  invocation: Invocation,
  { flags, signal }: { readonly flags: GroupFlags; readonly signal: AbortSignal },
): Promise<Group> {
  const { options, destinationOf } = readFlagRequest(invocation)
  const hosts = await namedHosts(invocation, signal)
  const destinations = hosts.map((host) => destinationOf(host, '-H'))
  for (const destination of destinations.slice(0, 1)) new Connection(destination, options)
  if (flags.outputDirectory !== undefined) await makeOutputDirectory(flags.outputDirectory)
  return new Group(destinations, { connection: options, ...flags.pace })
}

interface RunRequest {
  readonly invocation: Invocation
  readonly flags: GroupFlags
  readonly interruption: Interruption
}

/** The work on all members, from their names to the summary. */
class GroupRun {
  readonly #group: Group
  readonly #request: RunRequest
  readonly #startedAt = performance.now()
  readonly #outputs = new Map<string, MemberOutput>()
  #stopWork: () => void = () => {}
  #isStopping = false

  constructor(group: Group, request: RunRequest) {
    this.#group = group
    this.#request = request
  }

  /** Begins with nobody any more; who runs goes on. */
  stop(): void {
    this.#isStopping = true
    this.#stopWork()
    void outputs.stderr.write([
      'sallyport: interrupted: nothing more is begun, and what runs may end; Ctrl-C again ends it',
    ])
  }

  async toEnd(): Promise<number> {
    const { invocation, flags, interruption } = this.#request
    const { signal } = interruption
    const members = await this.#group.members({ signal })
    const labels = labelMembers(members)
    const gatewayLabels = labelGateways(members)
    const open = outputOf(flags, labels)
    const command = invocation.words.join(' ')
    const work = this.#group.map(
      async (connection, { member, signal: aborted }) => {
        const output = await open(member)
        this.#outputs.set(member.id, output)
        await runCommand(connection, { command, output, signal: aborted })
      },
      { signal, timeoutMs: flags.timeoutMs },
    )
    const tally = new GroupTally(members, () => work.running)
    this.#stopWork = () => work.stop()
    if (this.#isStopping) work.stop()
    using _live = await watchGroup(() => ({
      counts: tally.counts,
      gateways: tally.gateways.map((counts) => ({
        ...counts,
        label:
          counts.gateway === undefined ? 'directly' : (gatewayLabels.get(counts.gateway) ?? counts.gateway),
      })),
      running: tally.running.map(({ id }) => labels.get(id) ?? id),
      elapsedMs: performance.now() - this.#startedAt,
      isStopping: this.#isStopping,
    }))
    // What is counted does not wait for whoever reads what is printed.
    await Promise.all([tally.follow(work), this.#tellAll(work)])
    const ended = { outcomes: await work.outcomes(), labels, gatewayLabels }
    _live[Symbol.dispose]()
    return this.#sumUp(ended)
  }

  async #tellAll(work: GroupWork<void>): Promise<void> {
    for await (const outcome of work) {
      const record = this.#outputs.get(outcome.member.id)?.record()
      this.#outputs.delete(outcome.member.id)
      if (this.#request.flags.output !== 'json') continue
      await outputs.stdout.write([jsonLine(outcomeDocument(outcome, record))])
    }
  }

  async #sumUp(ended: Omit<Parameters<typeof summaryLines>[0], 'durationMs'>): Promise<number> {
    const { flags, interruption } = this.#request
    const { outcomes } = ended
    const durationMs = performance.now() - this.#startedAt
    if (flags.output === 'json') {
      const isInterrupted = interruption.exitCode !== undefined
      await outputs.stdout.write([jsonLine(summaryDocument(outcomes, { durationMs, isInterrupted }))])
    }
    await outputs.stderr.write(summaryLines({ ...ended, durationMs }, paintFor(process.stderr)))
    const [first] = outcomes
    if (first?.status === 'failed' && allAreMisconfigured(outcomes)) return exitCodeOf(first.error)
    return outcomes.every(({ status }) => status === 'succeeded') ? 0 : 1
  }
}

function outputOf({ outputDirectory, output }: GroupFlags, labels: ReadonlyMap<string, string>): OpenOutput {
  if (outputDirectory !== undefined) return filedOutput(outputDirectory, fileNames(labels))
  return output === 'json' ? capturedOutput : prefixedOutput(labels, outputs)
}
