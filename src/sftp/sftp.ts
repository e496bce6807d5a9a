// What a program gets of an SFTP session: the words of node:fs/promises, for the files of the other side.

import type { Readable, Writable } from 'node:stream'
import type { CallOptions } from '../dialer.js'

/**
 * A path on the server. A relative one begins in the home directory of the user; `~` has no meaning. Bytes are for names
 * that are not UTF-8.
 */
export type RemotePath = string | Uint8Array

export type FileType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'fifo'
  | 'socket'
  | 'block device'
  | 'character device'
  | 'unknown'

/** What the server says of a file; what it leaves out is `undefined`. */
export interface FileStats {
  readonly type: FileType
  readonly size: number | undefined
  /** The permissions, with the setuid, setgid and sticky bits: at most `0o7777`. */
  readonly mode: number | undefined
  readonly uid: number | undefined
  readonly gid: number | undefined
  /** Whole seconds, as the protocol has them. */
  readonly accessedAt: Date | undefined
  readonly modifiedAt: Date | undefined
}

export interface DirectoryEntry {
  /** The last part of the path, decoded as UTF-8; never `.`, `..`, empty, nor with a slash or NUL. */
  readonly name: string
  /** The very bytes of the name, for one that is not UTF-8. */
  readonly rawName: Buffer
  readonly stats: FileStats
}

/** How a file is opened: read, written anew, written anew unless it is there, read and written, or appended to. */
export type OpenFlags = 'r' | 'w' | 'wx' | 'r+' | 'a'

/** An open file of the server. Whoever opened it closes it. */
export interface SftpFile extends AsyncDisposable {
  readonly path: string
  /** The most bytes that the server gives or takes in one request; longer reads and writes are several at once. */
  readonly readBytes: number
  readonly writeBytes: number
  /** At most `length` bytes from `position` on; fewer only at the end of the file, and none beyond it. */
  read(position: number, length: number, options?: CallOptions): Promise<Buffer>
  write(position: number, data: Uint8Array, options?: CallOptions): Promise<void>
  stat(options?: CallOptions): Promise<FileStats>
  setStats(changes: StatChanges, options?: CallOptions): Promise<void>
  /** `fsync@openssh.com`. Rejects with SFTP_UNSUPPORTED where the server does not have it. */
  sync(options?: CallOptions): Promise<void>
  /** Idempotent. */
  close(options?: CallOptions): Promise<void>
}

export interface StatChanges {
  readonly size?: number | undefined
  readonly mode?: number | undefined
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  /** Both or none, as the protocol has them. */
  readonly times?: { readonly accessedAt: Date; readonly modifiedAt: Date } | undefined
}

/**
 * The files of a host (SFTP version 3, draft-ietf-secsh-filexfer-02). Everything rejects with {@link SftpError}, which
 * has the path; with the error of the connection when that is lost; and with AbortError. The caller closes it.
 */
export interface Sftp extends AsyncDisposable {
  /** The extensions that the server offers, with their versions: `posix-rename@openssh.com` and others. */
  readonly extensions: ReadonlyMap<string, string>
  /** The canonical, absolute form of the path; of `.`, the home directory. */
  realpath(path: RemotePath, options?: CallOptions): Promise<string>
  /**
   * As `realpath`, where `~` and `~user` at the beginning are the home directories, `expand-path@openssh.com`. Rejects
   * with SFTP_UNSUPPORTED where the server does not have it.
   */
  expandPath(path: RemotePath, options?: CallOptions): Promise<string>
  /** The entries of a directory, in the order of the server. */
  readdir(path: RemotePath, options?: CallOptions): Promise<readonly DirectoryEntry[]>
  /** As `readdir`, one by one, for directories of any size. */
  entries(path: RemotePath, options?: CallOptions): AsyncIterable<DirectoryEntry>
  /** Follows symbolic links. */
  stat(path: RemotePath, options?: CallOptions): Promise<FileStats>
  lstat(path: RemotePath, options?: CallOptions): Promise<FileStats>
  /** As `stat`; `undefined` when there is no such file. */
  findStats(path: RemotePath, options?: CallOptions): Promise<FileStats | undefined>
  setStats(path: RemotePath, changes: StatChanges, options?: SetStatsOptions): Promise<void>
  chmod(path: RemotePath, mode: number, options?: CallOptions): Promise<void>
  open(path: RemotePath, flags: OpenFlags, options?: OpenFileOptions): Promise<SftpFile>
  /** The whole file, pipelined. At most `maxBytes` (default 64 MiB), else it rejects with OUTPUT_LIMIT. */
  readFile(path: RemotePath, options?: ReadFileOptions): Promise<Buffer>
  /** Writes the file in place. For an atomic one see `Connection.put`. */
  writeFile(path: RemotePath, data: string | Uint8Array, options?: OpenFileOptions): Promise<void>
  /** Bytes `start` to `end`, both included; default all. */
  createReadStream(path: RemotePath, options?: ReadStreamOptions): Readable
  createWriteStream(path: RemotePath, options?: WriteStreamOptions): Writable
  /** With `recursive` the directories above are made, too, and one that is there is no error. */
  mkdir(path: RemotePath, options?: MakeDirectoryOptions): Promise<void>
  rmdir(path: RemotePath, options?: CallOptions): Promise<void>
  unlink(path: RemotePath, options?: CallOptions): Promise<void>
  /** Replaces what is at `to`, where the server has `posix-rename@openssh.com`; else it fails when something is there. */
  rename(from: RemotePath, to: RemotePath, options?: CallOptions): Promise<void>
  /** The text of the link, which may be anything. */
  readlink(path: RemotePath, options?: CallOptions): Promise<string>
  /** Makes `path` a symbolic link with the text `target`, in the order of node:fs and of OpenSSH's server. */
  symlink(target: RemotePath, path: RemotePath, options?: CallOptions): Promise<void>
  /** A hard link, `hardlink@openssh.com`. */
  link(existing: RemotePath, path: RemotePath, options?: CallOptions): Promise<void>
  /** Ends the session; what is under way rejects with CLOSED. Idempotent; never rejects. */
  close(): Promise<void>
}

export interface SetStatsOptions extends CallOptions {
  /**
   * What a symbolic link means: the file that it leads to, by default, or the link itself, `lsetstat@openssh.com`, which
   * rejects with SFTP_UNSUPPORTED where the server does not have it.
   */
  readonly symlinks?: 'follow' | 'change' | undefined
}

export interface OpenFileOptions extends CallOptions {
  /** The mode of a file that is made, before the server's umask. Default: what the server takes, mostly `0o666`. */
  readonly mode?: number | undefined
}

export interface ReadFileOptions extends CallOptions {
  readonly maxBytes?: number | undefined
}

export interface ReadStreamOptions extends CallOptions {
  readonly start?: number | undefined
  readonly end?: number | undefined
}

export interface WriteStreamOptions extends OpenFileOptions {
  /** Default `w`. */
  readonly flags?: Exclude<OpenFlags, 'r'> | undefined
  /** Where to begin. Default 0. */
  readonly start?: number | undefined
}

export interface MakeDirectoryOptions extends OpenFileOptions {
  readonly recursive?: boolean | undefined
}
