// File servers that break the protocol: the caller gets the right bytes or a typed error, and the connection lives on.

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { message, status } from '../../src/sftp/protocol/numbers.js'
import { PacketWriter } from '../../src/sftp/protocol/packet-writer.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import {
  dataReply,
  namesReply,
  type SftpRequest,
  type SftpScript,
  statusReply,
  withId,
} from '../support/scripted-sftp.js'
import { downloadRoom, type ScriptedSftpHost, startScriptedSftpHost } from '../support/scripted-sftp-host.js'

leakCheck()

const content = randomBytes(300_000)
const limitMs = 5000

let host: ScriptedSftpHost
beforeAll(async () => {
  host = await startScriptedSftpHost({ data: content, 'folder/file': 'in it' })
})
afterAll(() => host[Symbol.asyncDispose]())

/** Honest but for the requests of these types. */
const but =
  (types: readonly number[], reply: (request: SftpRequest) => Buffer | readonly Buffer[]): SftpScript =>
  (request) =>
    types.includes(request.type) ? reply(request) : request.honest()

const reads = [message.read]
const attributes = (request: SftpRequest): PacketWriter =>
  new PacketWriter(message.attributes).uint32(request.id)

describe('what breaks the protocol ends the transfer, and nothing else', () => {
  const lies: readonly (readonly [what: string, script: SftpScript])[] = [
    ['an id that was not asked', but(reads, (request) => withId(request.honest(), request.id + 1_000_000))],
    [
      'the same answer twice',
      but(reads, (request) => {
        const reply = request.honest()
        return [reply, reply]
      }),
    ],
    ['a packet of 256 MiB', but(reads, () => Buffer.of(0x10, 0, 0, 0, message.data))],
    ['an empty packet', but(reads, () => Buffer.alloc(4))],
    ['more data than were asked for', but(reads, (request) => dataReply(request, Buffer.alloc(256 * 1024)))],
    ['names in place of data', but(reads, (request) => namesReply(request, [['x', 0o100_644]]))],
    ['that all is well, and no data', but(reads, (request) => statusReply(request, status.ok))],
    ['a text between packets', but(reads, () => Buffer.from('Broadcast message from root\r\n'))],
    ['a packet that ends in a number', but(reads, () => Buffer.of(0, 0, 0, 3, message.data, 0, 0))],
    ['that all is well, and no handle', but([message.open], (request) => statusReply(request, status.ok))],
    [
      'attributes that are cut short',
      but([message.stat, message.lstat, message.fstat], (request) => attributes(request).uint32(1).packet()),
    ],
    [
      'attributes of another version',
      but([message.stat, message.lstat, message.fstat], (request) =>
        attributes(request).uint32(0x100).packet(),
      ),
    ],
    [
      'a size of 2^63',
      but([message.stat, message.lstat, message.fstat], (request) =>
        attributes(request).uint32(1).uint32(0x8000_0000).uint32(0).packet(),
      ),
    ],
  ]

  test.each(lies)('%s', async (_, script) => {
    using room = downloadRoom()
    const before = room.outside()
    await host.connected(async (connection) => {
      host.sftp.script = script
      const error = await failureOf(connection.get('data', `${room.target}/data`, { timeoutMs: limitMs }))
      expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', hop: { host: 'filehost', index: 1 } })
      expect(error.message).not.toMatch(/\n/)
      expect(room.inside()).toEqual([])
      expect(room.outside()).toEqual(before)
      host.sftp.script = (request) => request.honest()
      expect((await connection.get('data', { as: 'bytes' })).content.equals(content)).toBe(true)
      expect((await connection.run('hostname')).stdout).toBe('filehost\n')
    })
  })

  test('a count of names without the names', async () => {
    await host.connected(async (connection) => {
      host.sftp.script = but([message.readdir], ({ id }) =>
        new PacketWriter(message.name)
          .uint32(id)
          .uint32(2 ** 32 - 1)
          .packet(),
      )
      await using sftp = await connection.sftp()
      expect(await failureOf(sftp.readdir('folder'))).toMatchObject({ code: 'PROTOCOL_ERROR' })
      expect(await failureOf(sftp.stat('data'))).toMatchObject({ code: 'PROTOCOL_ERROR' })
    })
  })

  test('a packet of 256 MiB takes no memory', async () => {
    await host.connected(async (connection) => {
      host.sftp.script = but(reads, () => Buffer.of(0x10, 0, 0, 0, message.data))
      const before = process.memoryUsage().arrayBuffers
      await failureOf(connection.get('data', { as: 'bytes' }, { timeoutMs: limitMs }))
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20)
    })
  })
})

describe('what is odd and allowed gives the right bytes', () => {
  test.each([
    ['answers that come in another order', { replies: 'reordered' }],
    ['answers that come late', { replyDelayMs: 10 }],
    ['reads that give less than they could', { readAtMostBytes: 999 }],
    ['a server without extensions', { extensions: 'none' }],
  ] as const)('%s', async (_, files) => {
    await host.connectedHonestly(async (connection) => {
      const server = host.network.host('honesthost')
      server.fault({ files })
      const { content: got } = await connection.get('data', { as: 'bytes' }, { timeoutMs: limitMs })
      expect(got.equals(content)).toBe(true)
      const other = randomBytes(content.length)
      await connection.put(other, 'copy', { timeoutMs: limitMs })
      expect(server.files.read('copy').equals(other)).toBe(true)
      expect(
        server.files
          .list('.')
          .map(({ path }) => path)
          .sort(),
      ).toEqual(['/home/copy', '/home/data', '/home/folder', '/home/folder/file'])
    })
  })

  test('reads of 1 byte', async () => {
    await host.connected(async (connection) => {
      host.sftp.script = but(reads, (request) => {
        const fields = request.fields()
        fields.string()
        const from = fields.uint64()
        return from < 500 ? dataReply(request, content.subarray(from, from + 1)) : request.honest()
      })
      const { content: got } = await connection.get('data', { as: 'bytes' }, { timeoutMs: limitMs })
      expect(got.equals(content)).toBe(true)
    })
  })
})

describe('a file that is not what the server said', () => {
  test.each([
    ['ends', (request: SftpRequest) => statusReply(request, status.eof)],
    ['gives no bytes', (request: SftpRequest) => dataReply(request, '')],
  ])('%s before its size: an error, and no file', async (_, reply) => {
    using room = downloadRoom()
    await host.connected(async (connection) => {
      host.sftp.script = but(reads, (request) => {
        const fields = request.fields()
        fields.string()
        return fields.uint64() < 100_000 ? request.honest() : reply(request)
      })
      const error = await failureOf(connection.get('data', `${room.target}/data`, { timeoutMs: limitMs }))
      expect(error).toMatchObject({ code: 'FILE_CHANGED' })
      expect(room.inside()).toEqual([])
    })
  })

  test('has no end: an error when it is more than was allowed', async () => {
    await host.connected(async (connection) => {
      host.sftp.script = but(reads, (request) => {
        const fields = request.fields()
        fields.string()
        fields.uint64()
        return dataReply(request, Buffer.alloc(Math.min(fields.uint32(), 255 * 1024)))
      })
      await using sftp = await connection.sftp()
      expect(await failureOf(sftp.readFile('data', { maxBytes: 2 ** 20 }))).toMatchObject({
        code: 'OUTPUT_LIMIT',
      })
    })
  })

  test('has no end: a copy has no more than the size that it said', async () => {
    using room = downloadRoom()
    await host.connected(async (connection) => {
      host.sftp.script = but(reads, (request) => {
        const fields = request.fields()
        fields.string()
        fields.uint64()
        return dataReply(request, Buffer.alloc(Math.min(fields.uint32(), 255 * 1024)))
      })
      const outcome = await connection.get('data', `${room.target}/data`, { timeoutMs: limitMs }).then(
        ({ bytes }) => bytes,
        (error: unknown) => error,
      )
      if (typeof outcome === 'number') expect(outcome).toBe(content.length)
      else expect(outcome).toMatchObject({ code: 'FILE_CHANGED' })
    })
  })

  test('a directory without an end is read as long as somebody wants it', async () => {
    await host.connected(async (connection) => {
      let names = 0
      host.sftp.script = but([message.readdir], (request) =>
        namesReply(
          request,
          Array.from({ length: 100 }, () => [`name-${++names}`, 0o100_644] as const),
        ),
      )
      await using sftp = await connection.sftp()
      let seen = 0
      for await (const { name } of sftp.entries('folder')) {
        seen += 1
        expect(name).toBe(`name-${seen}`)
        if (seen === 1000) break
      }
      expect(names).toBeLessThan(100_000)
      // The handle was closed, and the session is in order.
      expect((await sftp.stat('data')).size).toBe(content.length)
    })
  })
})
