// The real ssh as a judge of ssh_config: files and questions in, what `ssh -G` prints, or how it refuses, out.
// ssh takes the home directory from the user database and the system's file from /etc/ssh, so one shell runs in a mount
// namespace in which a scratch directory stands over /etc, and names another as the caller's home; nothing of the real
// ones is seen. (Not over /etc/passwd alone: such a mount goes when somebody adds a user.) Without a network device,
// every name that is not in its own /etc/hosts fails at once. Needs root, or a kernel that lets users make namespaces.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { scratchDir } from './run-dir.js'
import { makeWorld, type OracleWorld } from './ssh-oracle-world.js'

/** A file of a configuration. Default: mode 0600, owned by the caller. */
export interface ConfigFile {
  readonly text: string | Uint8Array
  readonly mode?: number
  readonly uid?: number
}

/** Files by path: `~/.ssh/config`, `/etc/ssh/ssh_config`, and whatever they include; only these two roots. */
export type ConfigFiles = Readonly<Record<string, string | ConfigFile>>

/** What is asked of a configuration; the words are those of ssh's own flags. */
export interface Question {
  readonly host: string
  /** `-l` */
  readonly user?: string
  /** `-p` */
  readonly port?: number
  /** `-J` */
  readonly jump?: string
  /** `-o`, each in ssh's words */
  readonly options?: readonly string[]
  /** `-F`: a path as in {@link ConfigFiles}, or `none` */
  readonly file?: string
  /** What is to run there. */
  readonly command?: string
  /** Further environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** What a side says. Paths that it names are written as in {@link ConfigFiles}. */
export interface Verdict {
  readonly accepted: boolean
  /** The lines printed; none when it refused. */
  readonly lines: readonly string[]
  /** `~/.ssh/config:3`: the places for which it refused, sorted, each once. */
  readonly places: readonly string[]
  /** What was said about it, for people. */
  readonly messages: string
}

/** Starts a judge. Rejects in one sentence where namespaces cannot be made. Whoever starts it disposes it. */
export async function startSshOracle(): Promise<SshOracle> {
  const directory = scratchDir('ssh-oracle')
  const world = makeWorld(directory)
  const asUser = userInfo().uid === 0 ? [] : ['--user', '--map-current-user', '--keep-caps']
  const inside = `mount --bind ${quote(dirname(world.etc))} /etc && echo ready && exec /bin/sh`
  const shell = spawn('unshare', [...asUser, '--mount', '--net', '/bin/sh', '-c', inside], {
    env: world.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaint = ''
  shell.on('error', (error) => {
    complaint += error.message
  })
  shell.stderr.on('data', (chunk) => {
    complaint += String(chunk)
  })
  const answers = createInterface({ input: shell.stdout })[Symbol.asyncIterator]()
  const first = await answers.next()
  if (first.value !== 'ready') {
    throw new Error(`the oracle needs namespaces: run as root, with util-linux and ssh: ${complaint.trim()}`)
  }
  return new SshOracle({ shell, answers, directory, world })
}

interface Parts {
  readonly shell: ChildProcess
  readonly answers: AsyncIterator<string>
  readonly directory: string
  readonly world: OracleWorld
}

/** A judge. One call at a time: its files and its shell are shared by all. */
export class SshOracle implements AsyncDisposable {
  readonly world: OracleWorld
  readonly #shell: ChildProcess
  readonly #answers: AsyncIterator<string>
  readonly #directory: string

  constructor(parts: Parts) {
    this.world = parts.world
    this.#shell = parts.shell
    this.#answers = parts.answers
    this.#directory = parts.directory
  }

  /** Makes the configuration consist of these files and no others. */
  write(files: ConfigFiles): void {
    const { home, etc } = this.world
    for (const root of [home, etc]) {
      for (const entry of readdirSync(root)) rmSync(join(root, entry), { recursive: true, force: true })
    }
    mkdirSync(join(home, '.ssh'), { mode: 0o700 })
    for (const [name, given] of Object.entries(files)) {
      const file = typeof given === 'string' ? { text: given } : given
      const path = this.pathOf(name)
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
      writeFileSync(path, file.text)
      chmodSync(path, file.mode ?? 0o600)
      if (file.uid !== undefined) chownSync(path, file.uid, -1)
    }
  }

  /** Where a file of {@link ConfigFiles} lies, seen from outside. */
  pathOf(name: string): string {
    if (name.startsWith('~/')) return join(this.world.home, name.slice(2))
    if (name.startsWith('/etc/ssh/')) return join(this.world.etc, name.slice('/etc/ssh/'.length))
    throw new Error(`not a place for a configuration: ${name}`)
  }

  /** Puts the questions to `ssh -G` on the files that were written last. */
  async ask(questions: readonly Question[]): Promise<readonly Verdict[]> {
    const out = (index: number, stream: string) => join(this.#directory, `${stream}.${index}`)
    const commands = questions.map(
      (question, index) =>
        `${this.#command(question)} >${quote(out(index, 'out'))} 2>${quote(out(index, 'err'))} </dev/null; echo $?\n`,
    )
    this.#shell.stdin?.write(commands.join(''))
    const verdicts: Verdict[] = []
    for (const [index] of questions.entries()) {
      const status = await this.#answers.next()
      if (status.done === true) throw new Error('the shell of the oracle has ended')
      const [stdout, stderr] = ['out', 'err'].map((stream) => readFileSync(out(index, stream), 'utf8'))
      verdicts.push(this.#verdict(Number(status.value), stdout ?? '', stderr ?? ''))
    }
    return verdicts
  }

  #command({ host, user, port, jump, options = [], file, command, env = {} }: Question): string {
    const words = [
      'ssh',
      '-G',
      ...(file === undefined ? [] : ['-F', file.startsWith('~/') ? this.pathOf(file) : file]),
      ...(user === undefined ? [] : ['-l', user]),
      ...(port === undefined ? [] : ['-p', String(port)]),
      ...(jump === undefined ? [] : ['-J', jump]),
      ...options.flatMap((option) => ['-o', option]),
      '--',
      host,
      ...(command === undefined ? [] : [command]),
    ]
    const variables = Object.entries(env).map(([name, value]) => `${name}=${quote(value)} `)
    return variables.join('') + words.map(quote).join(' ')
  }

  #verdict(status: number, stdout: string, stderr: string): Verdict {
    const text = stderr
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('Pseudo-terminal will not'))
      .map((line) => line.replaceAll(`${this.world.home}/`, '~/'))
    const places = text.flatMap((line) => {
      const [, file, number] = /^(.+?):? line (\d+): (?!Unsupported|Deprecated)/.exec(line) ?? []
      return file === undefined ? [] : [`${file}:${number}`]
    })
    return {
      accepted: status === 0,
      lines: status === 0 ? stdout.split('\n').filter((line) => line !== '') : [],
      places: status === 0 ? [] : [...new Set(places)].sort(),
      messages: text.join('\n'),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#shell.exitCode !== null) return
    const ended = once(this.#shell, 'exit')
    this.#shell.stdin?.end()
    await ended
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
