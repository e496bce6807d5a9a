// How an embedded network is described: plain data about hosts, users, commands and who can reach whom.

import type { Duplex, Readable, Writable } from 'node:stream'
import type { Faults } from './faults.js'

export interface NetworkDescription {
  /** By name. At least one of them must listen. */
  readonly hosts: Readonly<Record<string, HostDescription>>
}

/** One machine. `{}` is a host that only its gateways reach, that anybody with the network's key may log in to. */
export interface HostDescription {
  /** Whether the host can be reached from outside: by the network's dialer, and on a port of 127.0.0.1. Default false. */
  readonly listen?: boolean
  /** The port of its SSH server inside the network. Default 22. */
  readonly port?: number
  /** Who may log in, and with what. Default: anybody, with the network's key. */
  readonly users?: Readonly<Record<string, UserDescription>>
  /** What the host forwards to: `name`, `name:port`, or `*` for everything. Default: nothing but itself. */
  readonly reaches?: readonly string[]
  /**
   * What its commands answer, by their exact text; others are looked for among the built-in ones (`hostname`,
   * `whoami`, `echo …`, `cat`, `true`, `false`, `exit n`), and are not found else. A function gets all commands.
   */
  readonly commands?: Readonly<Record<string, CommandAnswer | CommandProgram>> | CommandProgram
  /**
   * The files that SFTP shows, by absolute path or by one that begins in `/home`, where every user is at home; text and
   * bytes are files, and the directories above are made. Default: an empty home.
   */
  readonly files?: FileTreeDescription
  /** Subsystems besides `sftp`, or in its place, by name; each gets its name as its command. */
  readonly subsystems?: Readonly<Record<string, CommandProgram>>
  /** What else answers there, by port or by path of a unix socket. */
  readonly services?: Readonly<Record<string, Service>>
  /** Shown before authentication (RFC 4252 5.4). */
  readonly banner?: string
  /** Failed offers until the client is disconnected, as sshd's MaxAuthTries. Default 6. */
  readonly maxAuthTries?: number
  /** What goes wrong from the start; `NetworkHost.fault` changes it later. */
  readonly faults?: Faults
}

export interface UserDescription {
  readonly password?: string
  /** Public keys that are accepted, as lines of authorized_keys. Default: the network's key. */
  readonly keys?: readonly string[]
  /** The rounds of questions of keyboard-interactive, and the answers that they want. */
  readonly keyboardInteractive?: readonly QuestionRound[]
  /**
   * The methods that are needed, in this order, each but the last being a partial success; `[]` lets everybody in.
   * Default: any one of those that the user has something for.
   */
  readonly requires?: readonly ('publickey' | 'password' | 'keyboard-interactive')[]
}

export interface QuestionRound {
  readonly name?: string
  readonly instructions?: string
  readonly prompts: readonly {
    readonly text: string
    /** Whether the answer may be seen while it is typed. Default false. */
    readonly echo?: boolean
    readonly answer: string
  }[]
}

/** What a command does: text is its standard output, and a number its exit status. */
export type CommandAnswer = string | number | CommandResult

export interface CommandResult {
  readonly stdout?: string | Uint8Array
  readonly stderr?: string | Uint8Array
  /** Default 0. */
  readonly exitCode?: number
  /** Ends by this signal in place of an exit status: `SIGKILL` or `KILL`. */
  readonly signal?: string
  readonly coreDumped?: boolean
  /** Milliseconds before anything is written. */
  readonly delayMs?: number
}

/** A command as a program. The answer that it returns is written after what it has written itself. */
export type CommandProgram = (
  command: string,
  context: CommandContext,
) => CommandAnswer | undefined | Promise<CommandAnswer | undefined>

export interface CommandContext {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** What the client sent, and nothing else. */
  readonly env: Readonly<Record<string, string>>
  readonly user: string
  /** The name of the host. */
  readonly host: string
  readonly pty: { readonly term: string; readonly columns: number; readonly rows: number } | undefined
  /** Aborted when the command was killed or its channel has closed. */
  readonly signal: AbortSignal
}

/** Files by their paths. */
export type FileTreeDescription = Readonly<Record<string, string | Uint8Array | FileDescription>>

/** One file, with more than its bytes; or what is no file. */
export type FileDescription =
  | ({ readonly content: string | Uint8Array } & DescribedAttributes)
  | ({
      readonly type: 'directory' | 'fifo' | 'socket' | 'block device' | 'character device'
    } & DescribedAttributes)
  /** A symbolic link with this text. */
  | { readonly linkTo: string }

export interface DescribedAttributes {
  /**
   * Permissions, with the setuid, setgid and sticky bits. Everybody owns everything, so that only the owner's bits count.
   * Default 0o644, and 0o755 for a directory.
   */
  readonly mode?: number
  /** Default: when the network was made. */
  readonly modifiedAt?: Date
  /** Default: `modifiedAt`. */
  readonly accessedAt?: Date
}

/** Serves one connection, which it owns. */
export type Service = (stream: Duplex) => void
