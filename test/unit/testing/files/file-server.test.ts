// The file server of an embedded host, message by message: what OpenSSH's clients do not show.

import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { FieldReader } from '../../../../src/sftp/protocol/field-reader.js'
import { message, openFlag, status } from '../../../../src/sftp/protocol/numbers.js'
import { PacketReader } from '../../../../src/sftp/protocol/packet-reader.js'
import { PacketWriter } from '../../../../src/sftp/protocol/packet-writer.js'
import { initPacket, readVersion } from '../../../../src/sftp/protocol/version.js'
import { serveFiles } from '../../../../src/testing/files/file-server.js'
import { DescribedFiles } from '../../../../src/testing/files/host-files.js'
import type { FileFaults } from '../../../../src/testing/index.js'

interface Reply {
  readonly type: number
  readonly fields: FieldReader
}

/** All that the server answers to these packets, which come in one piece, until it ends. */
async function replies(packets: readonly Buffer[], faults: FileFaults = {}): Promise<readonly Reply[]> {
  const { tree } = new DescribedFiles({ 'ten bytes': '0123456789' })
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  stdin.end(Buffer.concat(packets))
  await serveFiles({ tree, faults: () => faults, stdin, stdout, signal: new AbortController().signal })
  return [...new PacketReader().read(stdout.read() ?? Buffer.alloc(0))]
}

const request = (type: number, id: number): PacketWriter => new PacketWriter(type).uint32(id)
const stat = (id: number): Buffer => request(message.stat, id).string('ten bytes').packet()
const opened = request(message.open, 1).string('ten bytes').uint32(openFlag.read).uint32(0).packet()
const handle = Buffer.of(0, 0, 0, 1)
const read = (id: number, from: number, length: number): Buffer =>
  request(message.read, id).string(handle).uint64(from).uint32(length).packet()

test('it says its version and its extensions, and none when it is to have none', async () => {
  for (const faults of [{}, { extensions: 'none' }] as const) {
    const [version] = await replies([initPacket()], faults)
    expect(version?.type).toBe(message.version)
    expect(readVersion(version?.fields as FieldReader).extensions.size).toBe('extensions' in faults ? 0 : 5)
  }
})

test('requests are answered in order, and the last first when that is the fault', async () => {
  const ids = async (faults: FileFaults): Promise<readonly number[]> =>
    (await replies([1, 2, 3, 4].map(stat), faults)).map(({ fields }) => fields.uint32())
  expect(await ids({})).toEqual([1, 2, 3, 4])
  expect(await ids({ replies: 'reordered' })).toEqual([4, 3, 2, 1])
})

test('a read ends at the end of the file, and gives no more than the fault lets it', async () => {
  const data = async (faults: FileFaults): Promise<readonly unknown[]> => {
    const [, ...rest] = await replies([opened, read(2, 0, 100), read(3, 8, 2), read(4, 10, 1)], faults)
    return rest.map(({ type, fields }) => {
      fields.uint32()
      return type === message.data ? fields.text() : fields.uint32()
    })
  }
  expect(await data({})).toEqual(['0123456789', '89', status.eof])
  expect(await data({ readAtMostBytes: 1 })).toEqual(['0', '8', status.eof])
})

test.each([
  ['a request that it does not know', request(99, 7).packet(), status.unsupported],
  [
    'an extension that it does not know',
    request(message.extended, 7).string('x@y').packet(),
    status.unsupported,
  ],
  ['a handle that is not open', request(message.close, 7).string('?').packet(), status.noSuchFile],
  ['a name with NUL', request(message.stat, 7).string('a\0b').packet(), status.noSuchFile],
  ['a slash behind a file', request(message.stat, 7).string('ten bytes/').packet(), status.noSuchFile],
  [
    'a slash behind a new file',
    request(message.open, 7)
      .string('new/')
      .uint32(openFlag.write | openFlag.create)
      .uint32(0)
      .packet(),
    status.failure,
  ],
  ['a name that is too long', request(message.stat, 7).string('x'.repeat(256)).packet(), status.badMessage],
])('it refuses %s', async (_, packet, code) => {
  const [reply] = await replies([packet])
  expect([reply?.type, reply?.fields.uint32(), reply?.fields.uint32()]).toEqual([message.status, 7, code])
})

test('it ends with an error for what is not SFTP', async () => {
  await expect(replies([Buffer.from('GET / HTTP/1.1\r\n\r\n')])).rejects.toThrow('packet of')
})

test('a name that is not UTF-8 stays as it is', async () => {
  const name = Buffer.of(0x66, 0xff, 0xfe)
  const made = request(message.open, 1)
    .string(name)
    .uint32(openFlag.write | openFlag.create)
    .uint32(0)
    .packet()
  const [, path] = await replies([made, request(message.realpath, 2).string(name).packet()])
  path?.fields.uint32()
  expect(path?.fields.uint32()).toBe(1)
  expect(path?.fields.string()).toEqual(Buffer.concat([Buffer.from('/home/'), name]))
})
