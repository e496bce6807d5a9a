// One question for two programs, the real ssh and `sallyport run`: each has a network of its own, and a home of its own
// with the same files at the same path, gets the same arguments, and leaves an outcome that can be compared.
// Each runs as a throw-away user, with its home mounted where the password file says, because ssh does not ask HOME.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { program } from '../cli/program.js'
import { type KeyPair, keyPair } from './keys.js'
import { type Account, changesOf, type Files, makeHome } from './live-home.js'
import { etcHosts, hostNames, type LiveNetwork, startLiveNetwork } from './live-network.js'
import { scratchDir } from './run-dir.js'
import { createUnixUser, type UnixUser } from './unix-user.js'

/** The same visit for both. */
export interface Scenario {
  /** What both do. */
  readonly promise: string
  /** What the file says before the blocks of the hosts. */
  readonly config?: string
  /** Files of the home, besides or in place of the usual ones. */
  readonly files?: (rig: LiveOracle) => Files
  /** Modes of files other than 0600. */
  readonly modes?: Readonly<Record<string, number>>
  /** Before the host. They work in the home. Default `-F .ssh/config`. */
  readonly flags?: readonly string[]
  /** Default `target`. */
  readonly host?: string
  /** Default `echo reached`. Empty for none: then we are asked for a shell. */
  readonly command?: string
  readonly input?: string
  readonly env?: () => Readonly<Record<string, string>>
  /** What must be so besides that both agree: two broken rigs would agree, too. Default: 0 and `reached`. */
  readonly outcome?: Partial<Outcome>
  /** What both of them name in their words: `file:line`. */
  readonly place?: string
  /** How long both of them take, in milliseconds. */
  readonly atLeastMs?: number
  /** The files of the home that both have changed, where `outcome` cannot say it. */
  readonly leaves?: (rig: LiveOracle) => Files
}

/** What a visit comes to. */
export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  /** The lines of standard error that begin with `remote:`; the others are the programs' own. */
  readonly stderr: string
  /** Logins and forwards, by the logs of the servers. */
  readonly path: readonly string[]
  /** The files of the home that are new or changed. */
  readonly files: Readonly<Record<string, string>>
}

/** A refusal that leaves no trace. */
export const refused: Outcome = { exitCode: 255, stdout: '', stderr: '', path: [], files: {} }

interface Visit {
  readonly outcome: Outcome
  /** All of standard error. */
  readonly messages: string
  readonly elapsedMs: number
}

const longestMs = 15_000

const mounting = 'mount --bind "$0" "$1" && mount --bind "$2" /etc/hosts && cd "$1" && shift 2 && exec "$@"'

export class LiveOracle implements AsyncDisposable {
  /** Both networks are alike. */
  readonly network: LiveNetwork
  /** A key that no host knows, and that no host has. */
  readonly strangeKey: KeyPair
  readonly account: Account
  readonly #other: LiveNetwork
  readonly #user: UnixUser
  readonly #etcHosts = join(scratchDir('live-hosts'), 'hosts')

  constructor(
    networks: readonly [LiveNetwork, LiveNetwork],
    { user, strangeKey }: { readonly user: UnixUser; readonly strangeKey: KeyPair },
  ) {
    ;[this.network, this.#other] = networks
    this.#user = user
    this.strangeKey = strangeKey
    writeFileSync(this.#etcHosts, etcHosts)
    const id = (flag: string): number => Number(execFileSync('id', [flag, user.name]).toString())
    this.account = { uid: id('-u'), gid: id('-g') }
  }

  /** The network namespaces of both. */
  get namespaces(): readonly string[] {
    return [this.network.namespace, this.#other.namespace]
  }

  /** What both do with a scenario, at the same time: ssh, and we. */
  async ask(scenario: Scenario): Promise<readonly [Visit, Visit]> {
    const { flags = ['-F', '.ssh/config'], host = 'target', command = 'echo reached' } = scenario
    const words = command === '' ? [] : [command]
    const ours = command === '' ? 'shell' : 'run'
    const dashes = command === '' ? [] : ['--']
    return Promise.all([
      this.#visit(scenario, this.network, ['ssh', ...flags, host, ...words]),
      this.#visit(scenario, this.#other, [
        ...[process.execPath, program, ours],
        ...[...flags, host, ...dashes, ...words],
      ]),
    ])
  }

  async #visit(scenario: Scenario, network: LiveNetwork, command: readonly string[]): Promise<Visit> {
    const files = this.#files(scenario)
    const home = makeHome(files, { account: this.account, ...(scenario.modes && { modes: scenario.modes }) })
    const { uid, gid } = this.account
    // ip gives it a mount namespace of its own, too.
    const words = [
      ...['netns', 'exec', network.namespace],
      ...['sh', '-c', mounting, home, this.#user.home, this.#etcHosts],
      ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...command],
    ]
    const started = performance.now()
    const child = spawn('ip', words, {
      // A session of its own: no terminal, and so nobody to ask.
      detached: true,
      env: {
        PATH: process.env['PATH'],
        LANG: 'C.UTF-8',
        HOME: this.#user.home,
        USER: this.#user.name,
        LOGNAME: this.#user.name,
        ...scenario.env?.(),
      },
    })
    // All of them, in case that they start each other without end.
    const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), longestMs)
    child.stdin.on('error', () => {})
    child.stdin.end(scenario.input ?? '')
    const [stdout, stderr, [exitCode]] = await Promise.all([
      buffer(child.stdout),
      buffer(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ])
    clearTimeout(timer)
    const elapsedMs = Math.round(performance.now() - started)
    const messages = stderr.toString()
    return {
      messages,
      elapsedMs,
      outcome: {
        exitCode,
        stdout: stdout.toString(),
        stderr: messages.match(/^remote:.*\n/gm)?.join('') ?? '',
        path: await network.takePath(),
        files: changesOf(home, files),
      },
    }
  }

  #files(scenario: Scenario): Files {
    const { hosts } = this.network
    const files: Record<string, string> = {
      '.ssh/config': `${scenario.config ?? ''}\n${this.network.blocks()}`,
      '.ssh/known_hosts': this.network.knownHosts(),
      '.ssh/stranger.key': readFileSync(this.strangeKey.file, 'utf8'),
    }
    for (const name of hostNames) {
      files[`.ssh/${name}.key`] = readFileSync(hosts[name].userKeyFile, 'utf8')
      files[`.ssh/${name}.key.pub`] = `${hosts[name].userKey.publicLine}\n`
    }
    return { ...files, ...scenario.files?.(this) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.network, this.#other].map((network) => network[Symbol.asyncDispose]()))
    await this.#user[Symbol.asyncDispose]()
  }
}

/** Starts a rig for the tests of this file and gives a way to it. Call it first in the file. */
export function liveOracle(): () => LiveOracle {
  let rig: LiveOracle | undefined
  beforeAll(async () => {
    const user = await createUnixUser()
    const strangeKey = await keyPair('stranger')
    // One after the other: the second finds the keys made.
    const networks = [await startLiveNetwork(), await startLiveNetwork()] as const
    rig = new LiveOracle(networks, { user, strangeKey })
  })
  afterAll(() => rig?.[Symbol.asyncDispose]())
  return () => {
    if (rig === undefined) throw new Error('the rig is not there before the first test')
    return rig
  }
}

/** A scenario in which the two differ, on purpose. */
export interface Difference extends Omit<Scenario, 'outcome' | 'leaves'> {
  /** What we do, and why it is not what ssh does. */
  readonly promise: string
  readonly ssh: Partial<Outcome>
  readonly ours: Partial<Outcome>
}

/** A test for each difference: both do what it says, and nothing else differs. */
export function testDifferences(rig: () => LiveOracle, differences: readonly Difference[]): void {
  it.each(differences)('$promise', async (difference) => {
    const [ssh, sallyport] = await rig().ask(difference)
    const words = wordsOf(ssh, sallyport)
    expect(ssh.outcome, words).toMatchObject(difference.ssh)
    expect(sallyport.outcome, words).toEqual({ ...ssh.outcome, ...difference.ours })
    expect(sallyport.outcome, words).not.toEqual(ssh.outcome)
  })
}

function wordsOf(ssh: Visit, sallyport: Visit): string {
  return [
    `ssh, in ${ssh.elapsedMs} ms:\n${ssh.messages}`,
    `we, in ${sallyport.elapsedMs} ms:\n${sallyport.messages}`,
  ].join('\n')
}

/** A test for each scenario: both come to the same, and to what the scenario says. */
export function testAgreement(rig: () => LiveOracle, scenarios: readonly Scenario[]): void {
  it.each(scenarios)('$promise', async (scenario) => {
    const [ssh, sallyport] = await rig().ask(scenario)
    const words = wordsOf(ssh, sallyport)
    expect(sallyport.outcome, words).toEqual(ssh.outcome)
    const { outcome = { exitCode: 0, stdout: 'reached\n' }, leaves, place, atLeastMs = 0 } = scenario
    expect(ssh.outcome, words).toMatchObject(outcome)
    expect(Math.min(ssh.elapsedMs, sallyport.elapsedMs), words).toBeGreaterThanOrEqual(atLeastMs)
    if (place !== undefined) {
      expect(ssh.messages.replace(/:? line (?=\d)/, ':')).toContain(`${place}:`)
      expect(sallyport.messages).toContain(`${place}:`)
    }
    if (leaves !== undefined) expect(ssh.outcome.files, words).toEqual(leaves(rig()))
  })
}
