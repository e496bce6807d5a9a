// What a server says of its limits is kept to: the lengths of reads and writes, and how many files are open at once.

import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { HandleSlots } from '../../../src/sftp/handle-slots.js'
import { extension, message, status } from '../../../src/sftp/protocol/numbers.js'
import { PacketWriter } from '../../../src/sftp/protocol/packet-writer.js'
import type { Sftp, SftpFile } from '../../../src/sftp/sftp.js'
import { ScriptedPeer } from './scripted-peer.js'

interface GivenLimits {
  readonly packet: number
  readonly read: number
  readonly write: number
  readonly handles: number
}

async function withLimits(
  { packet, read, write, handles }: GivenLimits,
  use: (peer: ScriptedPeer, sftp: Sftp) => Promise<void>,
): Promise<void> {
  const peer = new ScriptedPeer({ [extension.limits]: '1' })
  await using sftp = await peer.open()
  const { id, fields } = await peer.next(message.extended)
  expect(fields.text()).toBe(extension.limits)
  const reply = new PacketWriter(message.extendedReply).uint32(id)
  peer.send(reply.uint64(packet).uint64(read).uint64(write).uint64(handles).packet())
  await use(peer, sftp)
}

async function open(peer: ScriptedPeer, sftp: Sftp): Promise<SftpFile> {
  const opening = sftp.open('f', 'r+')
  peer.handle((await peer.next(message.open)).id, 'h')
  return opening
}

test('reads and writes are no longer than the server takes', () =>
  withLimits({ packet: 0, read: 10, write: 7, handles: 0 }, async (peer, sftp) => {
    const file = await open(peer, sftp)
    expect([file.readBytes, file.writeBytes]).toEqual([10, 7])
    const writing = file.write(100, Buffer.alloc(17, 'w'))
    const pieces = []
    for (let count = 0; count < 3; count++) {
      const { id, fields } = await peer.next(message.write)
      fields.string()
      pieces.push([fields.uint64(), fields.string().length])
      peer.ok(id)
    }
    await writing
    expect(pieces).toEqual([
      [100, 7],
      [107, 7],
      [114, 3],
    ])
    const reading = file.read(0, 25)
    for (let count = 0; count < 3; count++) {
      const { id, fields } = await peer.next(message.read)
      fields.string()
      fields.uint64()
      peer.data(id, Buffer.alloc(fields.uint32(), 'r'))
    }
    expect(String(await reading)).toBe('r'.repeat(25))
  }))

test('limits beyond what this side takes are of no use, and none are those of the draft', async () => {
  const huge = 2 ** 40
  await withLimits({ packet: huge, read: huge, write: huge, handles: huge }, async (peer, sftp) => {
    const file = await open(peer, sftp)
    expect([file.readBytes, file.writeBytes]).toEqual([262_144, 262_144])
  })
  const peer = new ScriptedPeer()
  await using plain = await peer.open()
  expect((await open(peer, plain)).readBytes).toBe(32_768)
})

test('a server that never tells its limits holds nobody up who leaves, and opens nothing', async () => {
  const peer = new ScriptedPeer({ [extension.limits]: '1' })
  await using sftp = await peer.open()
  await peer.next(message.extended)
  const late = { timeoutMs: 20 }
  for (const work of [() => sftp.open('f', 'r', late), () => sftp.writeFile('f', 'x', late)]) {
    await expect(work()).rejects.toMatchObject({ code: 'TIMEOUT' })
  }
  const removed = sftp.unlink('g')
  peer.ok((await peer.next(message.remove)).id)
  await removed
})

test('a file beyond those that may be open waits for one to be closed', () =>
  withLimits({ packet: 0, read: 0, write: 0, handles: 1 }, async (peer, sftp) => {
    const first = await open(peer, sftp)
    const opening = sftp.open('second', 'r')
    const given = sftp.open('third', 'r', { timeoutMs: 10 })
    await expect(given).rejects.toMatchObject({ code: 'TIMEOUT' })
    const closing = first.close()
    peer.ok((await peer.next(message.close)).id)
    await closing
    const { id, fields } = await peer.next(message.open)
    expect(fields.text()).toBe('second')
    peer.status(id, status.permissionDenied)
    await expect(opening).rejects.toMatchObject({ code: 'SFTP_PERMISSION_DENIED' })
    await open(peer, sftp)
  }))

test('what is given up before the server is asked for it takes no room', () =>
  withLimits({ packet: 0, read: 0, write: 0, handles: 1 }, async (peer, sftp) => {
    const abort = new AbortController()
    const { signal } = abort
    const works = [sftp.readdir('d', { signal }), sftp.readFile('f', { signal })]
    abort.abort()
    for (const given of await Promise.allSettled(works)) {
      expect(given).toMatchObject({ reason: { name: 'AbortError' } })
    }
    await open(peer, sftp)
  }))

test('slots that were taken before their number was known are not given on beyond it', async () => {
  const slots = new HandleSlots()
  const taken = [await slots.take(), await slots.take(), await slots.take()]
  slots.limit(2)
  let isGiven = false
  const next = slots.take().then(() => {
    isGiven = true
  })
  for (const [count, release] of taken.entries()) {
    expect([count, isGiven]).toEqual([count, count > 1])
    release()
    await setImmediate()
  }
  await next
})

test('slots are given to one each, in turn, and to nobody after the end', async () => {
  const slots = new HandleSlots()
  slots.limit(2)
  const [first, second] = [await slots.take(), await slots.take()]
  const order: string[] = []
  const third = slots.take().then(() => order.push('third'))
  const fourth = slots.take().then(() => order.push('fourth'))
  first()
  first()
  await third
  expect(order).toEqual(['third'])
  const fifth = slots.take()
  second()
  await fourth
  slots.end(new Error('over'))
  await expect(fifth).rejects.toThrow('over')
  await expect(slots.take()).rejects.toThrow('over')
})
