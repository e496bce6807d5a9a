// One live host of the embedded network: takes connections in, serves SSH on them, and forwards to where it reaches.

import type { Duplex } from 'node:stream'
import { type Address, formatAddress } from '../dialer.js'
import type { OpenVerdict, ServerHandlers } from '../wire/server.js'
import { serveConnection } from '../wire/ssh2-server.js'
import type { HostDescription } from './description.js'
import type { Faults, VersionFault } from './faults.js'
import { DescribedFiles, type HostFiles } from './files/host-files.js'
import { makeKey, type TestKey } from './key-pair.js'
import { FaultyLine } from './line.js'
import { EventLog, type LogEvent, type LogRecord } from './log.js'
import { Login } from './login.js'
import { openSession } from './session.js'
import { splice } from './splice.js'

/** What a test sees of a host, and what it can do to it. */
export interface NetworkHost {
  readonly name: string
  /** The key that `knownHosts` has for it. */
  readonly hostKey: TestKey
  /** What it has seen, in order. */
  readonly log: readonly LogRecord[]
  /** What SFTP shows, to be looked at and changed. */
  readonly files: HostFiles
  /** How many connections to it are open. */
  readonly connections: number
  /** Resolves with the first record that matches, from the past or to come; rejects when the network closes first. */
  logged(matches: (record: LogRecord) => boolean): Promise<LogRecord>
  /** Has these faults from now on, and no others; `{}` heals it. `silent` and slowness befall open connections too. */
  fault(faults: Faults): void
  /** Drops all of its connections without a word. */
  disconnect(): void
}

/** Where a dial from a host leads: an open stream, nowhere, or nowhere ever. */
export type DialResult = { readonly stream: Duplex } | { readonly error: DialError } | 'hang'

/** sshd's texts for them are in the table below. */
export type DialError = 'ENOTFOUND' | 'ECONNREFUSED'

const refusalTexts: Readonly<Record<DialError, string>> = {
  ENOTFOUND: 'Name or service not known',
  ECONNREFUSED: 'Connection refused',
}

export interface HostOptions {
  readonly name: string
  readonly description: HostDescription
  /** The public key that users accept who describe none. */
  readonly networkKey: string
  /** Dials from this host. */
  readonly dial: (address: Address) => DialResult
}

export class Host implements NetworkHost {
  readonly name: string
  readonly hostKey: TestKey
  readonly files: DescribedFiles
  readonly #options: HostOptions
  readonly #lines = new Set<FaultyLine>()
  readonly #log = new EventLog()
  #faults: Faults
  #otherKey: TestKey | undefined
  #lastConnection = 0

  constructor(options: HostOptions) {
    this.name = options.name
    this.hostKey = makeKey(`host key of ${options.name}`)
    this.files = new DescribedFiles(options.description.files)
    this.#options = options
    this.#faults = options.description.faults ?? {}
  }

  get log(): readonly LogRecord[] {
    return this.#log.records
  }

  get connections(): number {
    return this.#lines.size
  }

  get faults(): Faults {
    return this.#faults
  }

  logged(matches: (record: LogRecord) => boolean): Promise<LogRecord> {
    return this.#log.find(matches)
  }

  fault(faults: Faults): void {
    this.#faults = faults
    for (const line of this.#lines) line.faultsChanged()
  }

  disconnect(): void {
    for (const line of this.#lines) line.destroy()
  }

  close(reason: Error): void {
    this.disconnect()
    this.#log.close(reason)
  }

  /** Serves SSH on `raw`, which it owns from here on. */
  accept(raw: Duplex, from: string): void {
    this.#lastConnection += 1
    const connection = this.#lastConnection
    const log = (event: LogEvent): void => this.#log.add(connection, event)
    const line = new FaultyLine(raw, () => this.#faults)
    this.#lines.add(line)
    // Neither side of SSH has use for half a connection.
    line.once('end', () => line.destroy())
    line.once('finish', () => line.destroy())
    line.once('close', () => {
      this.#lines.delete(line)
      log({ event: 'ended' })
    })
    log({ event: 'connected', from })
    const { version } = this.#faults
    if (version === undefined) this.#serve(line, log)
    else misbehave(line, version)
  }

  #serve(line: FaultyLine, log: (event: LogEvent) => void): void {
    const { description, networkKey } = this.#options
    const faults = (): Faults => this.#faults
    const login = new Login({ host: description, networkKey, faults, log })
    let loggedInAs = ''
    const handlers: ServerHandlers = {
      authenticate: (offer) => login.decide(offer),
      authenticated: (user) => {
        loggedInAs = user
        log({ event: 'authenticated', user })
        const kind = this.#faults.unaskedChannel
        if (kind === undefined) return
        connection.openChannel(kind).then(
          (answer) => {
            const opened = 'destroy' in answer
            log({ event: 'unasked channel', kind, outcome: opened ? 'opened' : 'refused' })
            if (opened) answer.destroy()
          },
          () => {},
        )
      },
      openSession: () =>
        openSession({
          hostName: this.name,
          user: loggedInAs,
          description,
          files: this.files.tree,
          faults,
          log,
        }),
      openStream: (address) => this.#forward(address, log),
    }
    const connection = serveConnection(line, {
      hostKey: this.#shownKey().privateKey,
      software: 'sallyport_testing',
      banner: description.banner,
      handlers,
    })
  }

  #shownKey(): TestKey {
    if (this.#faults.hostKey !== 'changed') return this.hostKey
    this.#otherKey ??= makeKey(`another host key of ${this.name}`)
    return this.#otherKey
  }

  #forward(address: Address, log: (event: LogEvent) => void): OpenVerdict<(channel: Duplex) => void> {
    const say = (outcome: string, reason?: number): void =>
      log({
        event: 'channel',
        address: formatAddress(address),
        outcome,
        ...(reason === undefined ? {} : { reason }),
      })
    const refuse = (reason: number, text: string): { refuse: { reason: number; text: string } } => {
      say(text, reason)
      return { refuse: { reason, text } }
    }
    const { forwarding } = this.#faults
    // As sshd says it for AllowTcpForwarding no, and for PermitOpen.
    if (forwarding === 'prohibited') return refuse(1, 'open failed')
    if (forwarding === 'refuse') return refuse(2, refusalTexts.ECONNREFUSED)
    const result = forwarding === undefined ? this.#options.dial(address) : forwarding
    if (result === 'hang') {
      say('not answered')
      return 'ignore'
    }
    if (result === 'open and close') {
      say('opened and closed')
      return result
    }
    if ('error' in result) return refuse(2, refusalTexts[result.error])
    say('opened')
    return { open: (channel) => splice(channel, result.stream) }
  }
}

function misbehave(line: FaultyLine, version: 'never' | 'close' | VersionFault): void {
  line.resume()
  if (version === 'never') return
  if (version === 'close') line.end()
  else if (version.afterwards === 'close') line.end(version.send)
  else line.write(version.send)
}
