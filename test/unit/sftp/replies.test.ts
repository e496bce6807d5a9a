// Requests and replies of a session, with a server that answers as it likes.

import { expect, test } from 'vitest'
import { message, status } from '../../../src/sftp/protocol/numbers.js'
import { PacketWriter } from '../../../src/sftp/protocol/packet-writer.js'
import { namesPacket } from '../../../src/sftp/protocol/replies.js'
import type { Sftp } from '../../../src/sftp/sftp.js'
import { ScriptedPeer } from './scripted-peer.js'

async function withPeer(use: (peer: ScriptedPeer, sftp: Sftp) => Promise<void>): Promise<void> {
  const peer = new ScriptedPeer()
  await using sftp = await peer.open()
  await use(peer, sftp)
  await sftp.close()
  expect(peer.counts.leases).toBe(0)
}

async function openFile(peer: ScriptedPeer, sftp: Sftp) {
  const opening = sftp.open('f', 'r+')
  peer.handle((await peer.next(message.open)).id, 'h')
  return opening
}

test('replies in any order reach those who asked', () =>
  withPeer(async (peer, sftp) => {
    const file = await openFile(peer, sftp)
    const reads = [0, 3, 6].map((position) => file.read(position, 3))
    const asked = [
      await peer.next(message.read),
      await peer.next(message.read),
      await peer.next(message.read),
    ]
    for (const { id, fields } of asked.reverse()) {
      fields.string()
      peer.data(id, Buffer.from('abcdefghi').subarray(fields.uint64()).subarray(0, 3))
    }
    expect((await Promise.all(reads)).map(String)).toEqual(['abc', 'def', 'ghi'])
  }))

test('a server that gives one byte at a time gives the whole file, and its end is the end', () =>
  withPeer(async (peer, sftp) => {
    const content = Buffer.from('one by one')
    const reading = sftp.readFile('f')
    peer.handle((await peer.next(message.open)).id, 'h')
    const served = (async () => {
      for (;;) {
        const { id, fields } = await peer.next(message.read)
        fields.string()
        const position = fields.uint64()
        if (position < content.length) peer.data(id, content.subarray(position, position + 1))
        else peer.status(id, status.eof)
        if (position === content.length) return
      }
    })()
    expect(String(await reading)).toBe('one by one')
    await served
  }))

test('a read that is answered byte by byte takes the memory of its bytes', () =>
  withPeer(async (peer, sftp) => {
    const file = await openFile(peer, sftp)
    const length = 8000
    const used = (): number => {
      globalThis.gc?.()
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    }
    const reading = file.read(0, length)
    let before = 0
    for (let count = 0; count < length; count++) {
      const { id } = await peer.next(message.read)
      if (count === 500) before = used()
      if (count === length - 1) expect(used() - before).toBeLessThan(100 * length)
      peer.data(id, Buffer.from([count % 251]))
    }
    expect(await reading).toEqual(Buffer.from(Array.from({ length }, (_, index) => index % 251)))
  }))

test('what the file has behind a gap of the reading is not taken for its content', () =>
  withPeer(async (peer, sftp) => {
    const reading = sftp.readFile('f')
    peer.handle((await peer.next(message.open)).id, 'h')
    const first = await peer.next(message.read)
    const second = await peer.next(message.read)
    peer.data(second.id, Buffer.from('grown meanwhile'))
    peer.data(first.id, Buffer.from('short'))
    for (const _ of [first, second]) peer.status((await peer.next(message.read)).id, status.eof)
    expect(String(await reading)).toBe('short')
  }))

test.each([
  ['an id that was never asked', (peer: ScriptedPeer, id: number) => peer.ok(id + 1)],
  ['a type that is no reply to it', (peer: ScriptedPeer, id: number) => peer.handle(id, 'h')],
  ['a status of success for an answer', (peer: ScriptedPeer, id: number) => peer.ok(id)],
  [
    'a packet that ends too early',
    (peer: ScriptedPeer, id: number) => peer.send(new PacketWriter(message.attributes).uint32(id).packet()),
  ],
  ['a length of 256 MiB', (peer: ScriptedPeer) => peer.send(Buffer.from([0x10, 0, 0, 0]))],
])('%s ends the session and everything in it', (_name, answer) =>
  withPeer(async (peer, sftp) => {
    const [stat, other] = [sftp.stat('a'), sftp.stat('b')]
    const { id } = await peer.next(message.stat)
    await peer.next(message.stat)
    answer(peer, id === 1 ? 2 : id)
    for (const call of [stat, other, sftp.stat('c')]) {
      await expect(call).rejects.toMatchObject({ code: 'PROTOCOL_ERROR', hop: { host: 'web1' } })
    }
    expect([peer.counts.leases, peer.process.closes]).toEqual([0, 1])
  }),
)

test('a second reply to one request ends the session', () =>
  withPeer(async (peer, sftp) => {
    const removed = sftp.unlink('a')
    const { id } = await peer.next(message.remove)
    peer.ok(id)
    await removed
    peer.ok(id)
    await expect(sftp.stat('b')).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
  }))

test('a server that gives more of a file than was asked for is refused', () =>
  withPeer(async (peer, sftp) => {
    const file = await openFile(peer, sftp)
    const reading = file.read(0, 3)
    peer.data((await peer.next(message.read)).id, Buffer.from('four'))
    await expect(reading).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
  }))

test('a change that there is not is refused, and nothing is asked', () =>
  withPeer(async (peer, sftp) => {
    const file = await openFile(peer, sftp)
    const changes = { mode: 0o600, mtime: 0 } as object
    for (const work of [() => sftp.setStats('f', changes), () => file.setStats(changes)]) {
      await expect(work()).rejects.toThrow('there is no option "mtime"')
    }
    const removed = sftp.unlink('a')
    peer.ok((await peer.next(message.remove)).id)
    await removed
  }))

test('names that are none of an entry are refused, and the two of every directory left out', () =>
  withPeer(async (peer, sftp) => {
    const list = async (names: readonly (string | Buffer)[]) => {
      const listing = sftp.readdir('d').then(
        (entries) => entries.map(({ name, rawName }) => [name, rawName.toString('latin1')]),
        (error: { readonly code: string }) => error.code,
      )
      peer.handle((await peer.next(message.opendir)).id, 'h')
      const entries = names.map((name) => ({
        ...{ name: Buffer.from(name), longName: Buffer.alloc(0), attributes: {} },
      }))
      peer.send(namesPacket((await peer.next(message.readdir)).id, entries))
      for (const _ of ['ahead', 'ahead']) peer.status((await peer.next(message.readdir)).id, status.eof)
      peer.ok((await peer.next(message.close)).id)
      return listing
    }
    expect(await list(['.', 'a', '..', Buffer.from([0xff, 0x41])])).toEqual([
      ['a', 'a'],
      ['\ufffdA', '\xffA'],
    ])
    for (const name of ['', '/', '../x', 'a/b', 'a\0b']) expect(await list(['a', name])).toBe('UNSAFE_NAME')
  }))

test('a status is an error with its code, its path and its words, without their escapes', () =>
  withPeer(async (peer, sftp) => {
    const cases = [
      [status.noSuchFile, 'SFTP_NO_SUCH_FILE'],
      [status.permissionDenied, 'SFTP_PERMISSION_DENIED'],
      [status.failure, 'SFTP_FAILURE'],
      [status.unsupported, 'SFTP_UNSUPPORTED'],
      [77, 'SFTP_FAILURE'],
    ] as const
    for (const [number, code] of cases) {
      const removing = sftp.unlink('a\nb')
      peer.status((await peer.next(message.remove)).id, number, `no\x1b[2J${'!'.repeat(9000)}`)
      const error = await removing.catch((reason: unknown) => reason)
      expect(error).toMatchObject({ name: 'SftpError', code, status: number, path: 'a\\nb' })
      const { message: text } = error as Error
      expect(text).toMatch(/^web1: could not remove a\\nb: no\\x1b\[2J!+…$/)
      expect(text.length).toBeLessThan(4200)
    }
  }))
