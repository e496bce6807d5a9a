// The Sftp that a program has: each method checks what it was given, and sends its requests. What the requests are is
// in requests.ts; what needs several of them has a file of its own.

import type { Readable, Writable } from 'node:stream'
import type { CallOptions } from '../dialer.js'
import { SallyportError, SftpError } from '../errors.js'
import { callOptionNames, checkCallOptions, checkNames, checkOption } from '../option-check.js'
import { startCall, withCall } from './call.js'
import type { Request } from './conversation.js'
import { readEntries } from './directory.js'
import { changedAttributes, checkMode, fileStats } from './file-stats.js'
import { makeDirectories } from './make-directories.js'
import { openFile } from './open-file.js'
import { writeAttributes } from './protocol/attributes.js'
import { extension, message } from './protocol/numbers.js'
import type { PacketWriter } from './protocol/packet-writer.js'
import { readStream } from './read-stream.js'
import { readWhole } from './read-whole.js'
import { pathBytes, shownPath } from './remote-path.js'
import { attributesRequest, command, extendedCommand, nameRequest } from './requests.js'
import type {
  DirectoryEntry,
  FileStats,
  MakeDirectoryOptions,
  OpenFileOptions,
  OpenFlags,
  ReadFileOptions,
  ReadStreamOptions,
  RemotePath,
  SetStatsOptions,
  Sftp,
  SftpFile,
  StatChanges,
  WriteStreamOptions,
} from './sftp.js'
import { type Deed, unsupportedError } from './status-error.js'
import type { Subsystem } from './subsystem.js'
import { writeStream } from './write-stream.js'
import { writeWhole } from './write-whole.js'

type Write = (writer: PacketWriter) => unknown

export class SftpSession implements Sftp {
  readonly extensions: ReadonlyMap<string, string>
  readonly #peer: Subsystem

  constructor(peer: Subsystem) {
    this.#peer = peer
    this.extensions = peer.extensions
  }

  async realpath(path: RemotePath, options: CallOptions = {}): Promise<string> {
    const bytes = pathBytes(path)
    const deed = this.#deed('resolve', path)
    return this.#askName(deed, { type: message.realpath, write: (writer) => writer.string(bytes) }, options)
  }

  async expandPath(path: RemotePath, options: CallOptions = {}): Promise<string> {
    const bytes = pathBytes(path)
    const deed = this.#deed('resolve', path)
    this.#need(deed, extension.expandPath)
    const write: Write = (writer) => writer.string(extension.expandPath).string(bytes)
    return this.#askName(deed, { type: message.extended, write }, options)
  }

  async readlink(path: RemotePath, options: CallOptions = {}): Promise<string> {
    const bytes = pathBytes(path)
    const deed = this.#deed('read the link', path)
    return this.#askName(deed, { type: message.readlink, write: (writer) => writer.string(bytes) }, options)
  }

  async readdir(path: RemotePath, options: CallOptions = {}): Promise<readonly DirectoryEntry[]> {
    const found: DirectoryEntry[] = []
    for await (const entry of this.entries(path, options)) found.push(entry)
    return found
  }

  entries(path: RemotePath, options: CallOptions = {}): AsyncIterable<DirectoryEntry> {
    checkCallOptions(options)
    const bytes = pathBytes(path)
    const peer = this.#peer
    return {
      async *[Symbol.asyncIterator]() {
        const call = startCall(options, peer.hop)
        try {
          yield* readEntries(peer, bytes, call.signal)
        } finally {
          call.dispose()
        }
      },
    }
  }

  stat(path: RemotePath, options: CallOptions = {}): Promise<FileStats> {
    return this.#stats(message.stat, path, options)
  }

  lstat(path: RemotePath, options: CallOptions = {}): Promise<FileStats> {
    return this.#stats(message.lstat, path, options)
  }

  async findStats(path: RemotePath, options: CallOptions = {}): Promise<FileStats | undefined> {
    try {
      return await this.stat(path, options)
    } catch (error) {
      if (error instanceof SftpError && error.code === 'SFTP_NO_SUCH_FILE') return undefined
      throw error
    }
  }

  async setStats(path: RemotePath, changes: StatChanges, options: SetStatsOptions = {}): Promise<void> {
    const { symlinks = 'follow', ...call } = options
    checkOption('symlinks', symlinks === 'follow' || symlinks === 'change', 'follow or change')
    const attributes = changedAttributes(changes)
    const bytes = pathBytes(path)
    const deed = this.#deed('change', path)
    const write: Write = (writer) => writeAttributes(writer.string(bytes), attributes)
    if (symlinks === 'follow') return this.#do(command(deed, message.setstat, write), call)
    this.#need(deed, extension.lsetstat)
    return this.#do(extendedCommand(deed, extension.lsetstat, write), call)
  }

  chmod(path: RemotePath, mode: number, options: CallOptions = {}): Promise<void> {
    return this.setStats(path, { mode }, options)
  }

  async open(path: RemotePath, flags: OpenFlags, options: OpenFileOptions = {}): Promise<SftpFile> {
    const { mode, ...call } = options
    checkMode(mode)
    checkCallOptions(call)
    return withCall(call, this.#peer.hop, (signal) => openFile(this.#peer, path, { flags, mode, signal }))
  }

  async readFile(path: RemotePath, options: ReadFileOptions = {}): Promise<Buffer> {
    return readWhole(this.#peer, path, options)
  }

  async writeFile(path: RemotePath, data: string | Uint8Array, options: OpenFileOptions = {}): Promise<void> {
    return writeWhole(this.#peer, { path, data }, options)
  }

  createReadStream(path: RemotePath, options: ReadStreamOptions = {}): Readable {
    return readStream(this.#peer, path, options)
  }

  createWriteStream(path: RemotePath, options: WriteStreamOptions = {}): Writable {
    return writeStream(this.#peer, path, options)
  }

  async mkdir(path: RemotePath, options: MakeDirectoryOptions = {}): Promise<void> {
    checkNames(options, { ...callOptionNames, mode: true, recursive: true })
    const { mode, recursive = false, ...call } = options
    checkMode(mode)
    checkOption('recursive', typeof recursive === 'boolean', 'true or false')
    checkCallOptions(call)
    const bytes = pathBytes(path)
    return withCall(call, this.#peer.hop, (signal) =>
      makeDirectories(this.#peer, bytes, { mode, above: recursive ? 'make' : 'need', signal }),
    )
  }

  async rmdir(path: RemotePath, options: CallOptions = {}): Promise<void> {
    const bytes = pathBytes(path)
    const deed = this.#deed('remove the directory', path)
    return this.#do(
      command(deed, message.rmdir, (writer) => writer.string(bytes)),
      options,
    )
  }

  async unlink(path: RemotePath, options: CallOptions = {}): Promise<void> {
    const bytes = pathBytes(path)
    const deed = this.#deed('remove', path)
    return this.#do(
      command(deed, message.remove, (writer) => writer.string(bytes)),
      options,
    )
  }

  async rename(from: RemotePath, to: RemotePath, options: CallOptions = {}): Promise<void> {
    const [old, now] = [pathBytes(from), pathBytes(to)]
    const deed = this.#deed(`rename ${shownPath(from)} to`, to)
    const write: Write = (writer) => writer.string(old).string(now)
    if (!this.extensions.has(extension.posixRename)) {
      return this.#do(command(deed, message.rename, write), options)
    }
    return this.#do(extendedCommand(deed, extension.posixRename, write), options)
  }

  async symlink(target: RemotePath, path: RemotePath, options: CallOptions = {}): Promise<void> {
    const [text, link] = [pathBytes(target), pathBytes(path)]
    const deed = this.#deed('make the link', path)
    const write: Write = (writer) => {
      if (this.#peer.symlinkOrder === 'target first') writer.string(text).string(link)
      else writer.string(link).string(text)
    }
    return this.#do(command(deed, message.symlink, write), options)
  }

  async link(existing: RemotePath, path: RemotePath, options: CallOptions = {}): Promise<void> {
    const [old, now] = [pathBytes(existing), pathBytes(path)]
    const deed = this.#deed('make the link', path)
    this.#need(deed, extension.hardLink)
    const write: Write = (writer) => writer.string(old).string(now)
    return this.#do(extendedCommand(deed, extension.hardLink, write), options)
  }

  async close(): Promise<void> {
    const { hop } = this.#peer
    const what = 'the SFTP session was closed by this program'
    this.#peer.end(new SallyportError('CLOSED', what, { hop, phase: 'session' }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #stats(type: number, path: RemotePath, options: CallOptions): Promise<FileStats> {
    const request = attributesRequest(this.#deed('stat', path), type, pathBytes(path))
    return fileStats(await this.#do(request, options))
  }

  async #askName(
    deed: Deed,
    request: { readonly type: number; readonly write: Write },
    options: CallOptions,
  ): Promise<string> {
    const name = await this.#do(nameRequest(deed, request.type, request.write), options)
    return name.toString('utf8')
  }

  #do<T>(request: Request<T>, options: CallOptions): Promise<T> {
    checkCallOptions(options)
    return withCall(options, this.#peer.hop, (signal) => this.#peer.conversation.ask(request, signal))
  }

  #need(deed: Deed, name: string): void {
    if (!this.extensions.has(name)) throw unsupportedError(deed, name)
  }

  #deed(what: string, path: RemotePath): Deed {
    return { hop: this.#peer.hop, what, path: shownPath(path) }
  }
}
