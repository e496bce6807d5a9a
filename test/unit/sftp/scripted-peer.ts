// An SFTP server played by the test: it gets each request, and answers when and what it likes.

import { expect } from 'vitest'
import { openSftp } from '../../../src/sftp/open-sftp.js'
import type { FieldReader } from '../../../src/sftp/protocol/field-reader.js'
import { message, status } from '../../../src/sftp/protocol/numbers.js'
import { PacketReader } from '../../../src/sftp/protocol/packet-reader.js'
import { PacketWriter } from '../../../src/sftp/protocol/packet-writer.js'
import { statusPacket } from '../../../src/sftp/protocol/replies.js'
import { versionPacket } from '../../../src/sftp/protocol/version.js'
import type { Sftp } from '../../../src/sftp/sftp.js'
import { fakeHop } from '../exec/fake-session.js'

export interface AskedRequest {
  readonly type: number
  readonly id: number
  readonly fields: FieldReader
}

export class ScriptedPeer {
  readonly #hop = fakeHop()
  readonly process = this.#hop.process
  /** The leases that were not given back. */
  readonly counts = this.#hop.counts
  readonly #requests: AskedRequest[] = []
  #wake: () => void = () => {}

  constructor(extensions: Readonly<Record<string, string>> = {}) {
    const reader = new PacketReader()
    this.process.stdin.on('data', (bytes: Buffer) => {
      for (const { type, fields } of reader.read(bytes)) {
        if (type === message.init)
          this.send(versionPacket({ version: 3, extensions: new Map(Object.entries(extensions)) }))
        else this.#requests.push({ type, id: fields.uint32(), fields })
      }
      this.#wake()
    })
  }

  /** A session with it. */
  open(): Promise<Sftp> {
    return openSftp(this.#hop.acquire)
  }

  /** The next request, which is of this type. */
  async next(type: number): Promise<AskedRequest> {
    for (;;) {
      const request = this.#requests.shift()
      if (request !== undefined) {
        expect(request.type).toBe(type)
        return request
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  send(bytes: Buffer): void {
    this.process.stdout.write(bytes)
  }

  status(id: number, code: number, text = ''): void {
    this.send(statusPacket(id, { code, text }))
  }

  ok(id: number): void {
    this.status(id, status.ok)
  }

  handle(id: number, handle: string): void {
    this.send(new PacketWriter(message.handle).uint32(id).string(handle).packet())
  }

  data(id: number, data: Uint8Array): void {
    this.send(new PacketWriter(message.data).uint32(id).string(data).packet())
  }
}
