// Real OpenSSH servers for tests: each a process of its own, on an address of its own, with keys of its own.
// Their logs prove the path that was taken. To make a host reachable only through another, see chain.ts and netns.ts.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type KeyPair, type KeyType, keyPair } from './keys.js'
import { allGone, descendantsOf, killAll, programOf } from './proc.js'
import { RigLog } from './rig-log.js'
import { scratchDir } from './run-dir.js'
import { formatSshdConfig, sshdPath } from './sshd-config.js'

export interface SshdOptions {
  /** What failed tests call it. Default `sshd 1`, `sshd 2`, … */
  readonly name?: string | undefined
  /** Default: a random address of 127.0.0.0/8, so that no two servers share one. */
  readonly host?: string | undefined
  /** Default: a free port. */
  readonly port?: number | undefined
  /** Who may log in with the user key. Default: the user who runs the tests. */
  readonly user?: string | undefined
  /** Default: one new ed25519 key for each server. */
  readonly hostKeyTypes?: readonly KeyType[] | undefined
  /** These host keys instead of new ones: to restart a server as itself. */
  readonly hostKeys?: readonly KeyPair[] | undefined
  /** This user key instead of a new one. */
  readonly userKey?: KeyPair | undefined
  /** Put before the user key in authorized_keys: `restrict`, `permitopen="…"`, `command="…"`. */
  readonly authorizedKeyOptions?: string | undefined
  /** Further public keys that may log in. */
  readonly authorizedKeys?: readonly string[] | undefined
  /** sshd_config lines, which beat the rig's own. */
  readonly config?: readonly string[] | undefined
  /** A network namespace to run in; give `host` as an address of that namespace. */
  readonly netns?: { readonly name: string; readonly address: string } | undefined
  /** A program and its arguments that start the server: they are followed by the server's own. */
  readonly under?: readonly string[] | undefined
}

/** A login that a server accepted. */
export interface SshdConnection {
  readonly user: string
  readonly method: string
  readonly peerHost: string
  readonly peerPort: number
  /** When the rig read the line. */
  readonly at: Date
}

let count = 0

/** Starts a server and waits until it listens. Rejects with its log when it does not. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const number = ++count
  const host = options.host ?? options.netns?.address ?? randomLoopback()
  const port = options.port ?? (options.netns === undefined ? await freePort(host) : 22)
  const hostKeys = options.hostKeys ?? (await newHostKeys(number, options.hostKeyTypes ?? ['ed25519']))
  const userKey = options.userKey ?? (await keyPair(`user-${number}`))
  const directory = scratchDir(`sshd-${number}`)
  const authorizedKeysFile = join(directory, 'authorized_keys')
  const own = [options.authorizedKeyOptions, userKey.publicLine]
    .filter((part) => part !== undefined)
    .join(' ')
  writeFileSync(authorizedKeysFile, `${[own, ...(options.authorizedKeys ?? [])].join('\n')}\n`)
  const configFile = join(directory, 'sshd_config')
  const hostKeyFiles = hostKeys.map(({ file }) => file)
  const lines = options.config ?? []
  writeFileSync(
    configFile,
    formatSshdConfig({ host, port, hostKeyFiles, authorizedKeysFile, home: directory, lines }),
  )
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })

  // setpriv lets a server end with a test process that is killed.
  const [program = '', ...args] = [
    ...(options.netns === undefined ? [] : ['ip', 'netns', 'exec', options.netns.name]),
    ...(options.under ?? []),
    ...['setpriv', '--pdeathsig', 'KILL', sshdPath(), '-D', '-e', '-f', configFile],
  ]
  const log = new RigLog(`${options.name ?? `sshd ${number}`} on ${host}:${port}`)
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  child.on('error', (error) => log.append(`${error.message}\n`))
  log.follow(child.stderr)
  const sshd = new Sshd({
    child,
    log,
    directory,
    host,
    port,
    user: options.user ?? userInfo().username,
    hostKeys,
    userKey,
  })
  try {
    await log.waitFor(/^Server listening on /)
  } catch (error) {
    await sshd.stop()
    throw error
  }
  return sshd
}

interface Parts {
  readonly child: ChildProcess
  readonly log: RigLog
  readonly directory: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly hostKeys: readonly KeyPair[]
  readonly userKey: KeyPair
}

/** A running server. Whoever started it stops it. */
export class Sshd implements AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly hostKeys: readonly KeyPair[]
  readonly userKey: KeyPair
  readonly log: RigLog
  readonly #child: ChildProcess
  readonly #directory: string
  #orphans: readonly number[] = []

  constructor(parts: Parts) {
    this.host = parts.host
    this.port = parts.port
    this.user = parts.user
    this.hostKeys = parts.hostKeys
    this.userKey = parts.userKey
    this.log = parts.log
    this.#child = parts.child
    this.#directory = parts.directory
  }

  /** `SHA256:…` of its first host key. */
  get hostKeyFingerprint(): string {
    return this.hostKeys[0]?.fingerprint ?? ''
  }

  /** The private key's file that may log in. */
  get userKeyFile(): string {
    return this.userKey.file
  }

  /** What a known_hosts file needs to know it: one line for each host key, each with its line feed. */
  knownHostsLine(): string {
    const name = this.port === 22 ? this.host : `[${this.host}]:${this.port}`
    return this.hostKeys.map(({ publicLine }) => `${name} ${publicLine}\n`).join('')
  }

  /** Arguments for the real ssh to log in here and to read no configuration: the oracle's way in. */
  sshArgs(): readonly string[] {
    const knownHosts = join(this.#directory, 'known_hosts')
    writeFileSync(knownHosts, this.knownHostsLine())
    const options = ['IdentitiesOnly=yes', 'BatchMode=yes', 'StrictHostKeyChecking=yes']
    return [
      ...['-F', 'none', '-i', this.userKeyFile, '-p', String(this.port)],
      ...[...options, `UserKnownHostsFile=${knownHosts}`].flatMap((option) => ['-o', option]),
      `${this.user}@${this.host}`,
    ]
  }

  /** The accepted logins so far, in order. Await `log.waitFor(/^Accepted /)` for the first. */
  connections(): readonly SshdConnection[] {
    return this.log.lines().flatMap(({ at, text }) => {
      const found = text.match(/^Accepted (\S+) for (\S+) from (\S+) port (\d+)/)
      if (found === null) return []
      const [, method = '', user = '', peerHost = '', peerPort] = found
      return [{ user, method, peerHost, peerPort: Number(peerPort), at }]
    })
  }

  /** The addresses (`host:port`) to which it was asked to forward, in order, whether it allowed them or not. */
  forwards(): readonly string[] {
    return this.log.lines().flatMap(({ text }) => {
      const found = text.match(/direct_tcpip: originator \S+ port \d+, target (\S+) port (\d+)/)
      return found === null ? [] : [`${found[1]}:${found[2]}`]
    })
  }

  /** The pids of the sshd processes that serve its connections, parents first; not the commands they run. */
  sessions(): readonly number[] {
    return this.#family().filter((pid) => programOf(pid).startsWith('sshd'))
  }

  /** Kills the listening process alone, at once. Its connections live on, as with the real one. */
  async kill(): Promise<void> {
    this.#orphans = this.#family()
    this.#child.kill('SIGKILL')
    await this.#exit()
  }

  /** Kills all connections and whatever runs in them; the server goes on listening. */
  killSessions(): void {
    killAll(this.#family())
  }

  /** Ends the server, its connections, and whatever runs in them. May be called twice. */
  async stop(): Promise<void> {
    const family = this.#family()
    this.#child.kill('SIGTERM')
    await this.#exit()
    killAll(family)
    await allGone(family)
    this.#child.stderr?.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #family(): readonly number[] {
    const orphans = this.#orphans.flatMap((pid) => [pid, ...descendantsOf(pid)])
    const pid = this.#child.pid
    return pid === undefined ? orphans : [...new Set([...orphans, ...descendantsOf(pid)])]
  }

  async #exit(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child
    if (pid !== undefined && exitCode === null && signalCode === null) await once(this.#child, 'exit')
  }
}

async function newHostKeys(number: number, types: readonly KeyType[]): Promise<readonly KeyPair[]> {
  return Promise.all(types.map((type) => keyPair(`host-${number}`, { type })))
}

/** An address of the loopback network that nobody else is likely to use. */
export function randomLoopback(): string {
  const part = (): number => 1 + Math.floor(Math.random() * 253)
  return `127.${part()}.${part()}.${part()}`
}

/** A port on which nothing listens at that address. */
export async function freePort(host: string): Promise<number> {
  const server = createServer()
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return address.port
}
