// An open file of the server: reads and writes of any length, in requests of what the server takes at once.

import type { CallOptions } from '../dialer.js'
import { SftpError } from '../errors.js'
import { checkCallOptions, checkCount } from '../option-check.js'
import { withCall } from './call.js'
import { changedAttributes, fileStats } from './file-stats.js'
import type { Limits } from './limits.js'
import type { OpenHandle } from './open-handle.js'
import type { Peer } from './peer.js'
import { pipelinedRead } from './pipelined-read.js'
import { pipelinedWrite } from './pipelined-write.js'
import { writeAttributes } from './protocol/attributes.js'
import { extension, message } from './protocol/numbers.js'
import { attributesRequest, command, extendedCommand, readRequest, writeRequest } from './requests.js'
import type { FileStats, SftpFile, StatChanges } from './sftp.js'
import { type Deed, unsupportedError } from './status-error.js'

export class RemoteFile implements SftpFile {
  readonly path: string
  readonly readBytes: number
  readonly writeBytes: number
  readonly #peer: Peer
  readonly #handle: OpenHandle
  #isClosed = false

  constructor(peer: Peer, handle: OpenHandle, about: { readonly path: string; readonly limits: Limits }) {
    this.#peer = peer
    this.#handle = handle
    this.path = about.path
    this.readBytes = about.limits.readBytes
    this.writeBytes = about.limits.writeBytes
  }

  async read(position: number, length: number, options: CallOptions = {}): Promise<Buffer> {
    checkCount('position', position)
    checkCount('length', length)
    if (length > this.readBytes) return this.#readLong(position, length, options)
    return this.#do(options, async (signal) => {
      let all: Buffer = Buffer.alloc(0)
      let filled = 0
      while (filled < length) {
        const request = { handle: this.#handle.bytes, position: position + filled, length: length - filled }
        const data = await this.#peer.conversation.ask(readRequest(this.#deed('read'), request), signal)
        if (data === undefined) break
        if (filled === 0) all = data
        else {
          // Copied: a server may give one byte at a time, and a piece takes hundreds of its own.
          if (all.length < length) all = Buffer.concat([all], length)
          all.set(data, filled)
        }
        filled += data.length
      }
      return all.subarray(0, filled)
    })
  }

  async write(position: number, data: Uint8Array, options: CallOptions = {}): Promise<void> {
    checkCount('position', position)
    if (!(data instanceof Uint8Array)) throw new TypeError('data: must be bytes')
    if (data.byteLength > this.writeBytes) {
      checkCallOptions(options)
      await withCall(options, this.#peer.hop, (signal) =>
        pipelinedWrite(this, [data], { start: position, signal }),
      )
      return
    }
    await this.#do(options, (signal) => {
      const request = { handle: this.#handle.bytes, position, data }
      return this.#peer.conversation.ask(writeRequest(this.#deed('write'), request), signal)
    })
  }

  async stat(options: CallOptions = {}): Promise<FileStats> {
    return this.#do(options, async (signal) => {
      const request = attributesRequest(this.#deed('stat'), message.fstat, this.#handle.bytes)
      return fileStats(await this.#peer.conversation.ask(request, signal))
    })
  }

  async setStats(changes: StatChanges, options: CallOptions = {}): Promise<void> {
    const attributes = changedAttributes(changes)
    return this.#do(options, (signal) =>
      this.#peer.conversation.ask(
        command(this.#deed('change'), message.fsetstat, (writer) =>
          writeAttributes(writer.string(this.#handle.bytes), attributes),
        ),
        signal,
      ),
    )
  }

  async sync(options: CallOptions = {}): Promise<void> {
    const deed = this.#deed('flush')
    return this.#do(options, async (signal) => {
      if (!this.#peer.extensions.has(extension.fsync)) throw unsupportedError(deed, extension.fsync)
      const request = extendedCommand(deed, extension.fsync, (writer) => writer.string(this.#handle.bytes))
      await this.#peer.conversation.ask(request, signal)
    })
  }

  async close(options: CallOptions = {}): Promise<void> {
    checkCallOptions(options)
    this.#isClosed = true
    await withCall(options, this.#peer.hop, (signal) => this.#handle.close(signal))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #readLong(position: number, length: number, options: CallOptions): Promise<Buffer> {
    checkCallOptions(options)
    return withCall(options, this.#peer.hop, async (signal) => {
      const parts: Buffer[] = []
      for await (const part of pipelinedRead(this, { start: position, length, signal })) parts.push(part)
      return Buffer.concat(parts)
    })
  }

  #do<T>(options: CallOptions, work: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> {
    checkCallOptions(options)
    if (!this.#isClosed) return withCall(options, this.#peer.hop, work)
    const { path } = this
    const what = `the file ${path} was closed by this program`
    throw new SftpError('CLOSED', what, { hop: this.#peer.hop, path })
  }

  #deed(what: string): Deed {
    return { hop: this.#peer.hop, what, path: this.path }
  }
}
