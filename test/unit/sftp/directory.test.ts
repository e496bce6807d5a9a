// Directories of hostile servers, and listings that are given up.

import { expect, test } from 'vitest'
import { message, status } from '../../../src/sftp/protocol/numbers.js'
import { namesPacket } from '../../../src/sftp/protocol/replies.js'
import { ScriptedPeer } from './scripted-peer.js'

const named = (name: string) => ({
  ...{ name: Buffer.from(name), longName: Buffer.alloc(0), attributes: {} },
})

test('a directory without an end is left after a million entries', async () => {
  const peer = new ScriptedPeer()
  await using sftp = await peer.open()
  const listing = sftp.readdir('endless')
  peer.handle((await peer.next(message.opendir)).id, 'h')
  const many = namesPacket(0, Array(20_000).fill(named('.')))
  const failed = expect(listing).rejects.toMatchObject({ code: 'OUTPUT_LIMIT', path: 'endless' })
  for (let replies = 0; replies <= 50; replies++) {
    const reply = Buffer.from(many)
    reply.writeUInt32BE((await peer.next(message.readdir)).id, 5)
    peer.send(reply)
  }
  await failed
})

test('a server that sends no names has none left', async () => {
  const peer = new ScriptedPeer()
  await using sftp = await peer.open()
  const listing = sftp.readdir('d')
  peer.handle((await peer.next(message.opendir)).id, 'h')
  peer.send(namesPacket((await peer.next(message.readdir)).id, []))
  expect(await listing).toEqual([])
})

test('names that a reply only announces are a broken protocol', async () => {
  const peer = new ScriptedPeer()
  await using sftp = await peer.open()
  const listing = sftp.readdir('d')
  peer.handle((await peer.next(message.opendir)).id, 'h')
  const reply = namesPacket((await peer.next(message.readdir)).id, [named('a')])
  reply.writeUInt32BE(0xffff_ffff, 9)
  peer.send(reply)
  await expect(listing).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
})

test.each(['opendir', 'readdir'] as const)(
  'a listing that is aborted during %s leaves no handle',
  async (at) => {
    const peer = new ScriptedPeer()
    await using sftp = await peer.open()
    const abort = new AbortController()
    const listing = sftp.readdir('d', { signal: abort.signal })
    const opening = await peer.next(message.opendir)
    if (at === 'readdir') {
      peer.handle(opening.id, 'h')
      await peer.next(message.readdir)
    }
    abort.abort()
    await expect(listing).rejects.toMatchObject({ name: 'AbortError' })
    if (at === 'opendir') peer.handle(opening.id, 'h')
    const { id, fields } = await peer.next(message.close)
    expect(fields.text()).toBe('h')
    peer.status(id, status.ok)
  },
)

test('more than one name for one path is a broken protocol', async () => {
  const peer = new ScriptedPeer()
  await using sftp = await peer.open()
  const resolving = sftp.realpath('.')
  peer.send(namesPacket((await peer.next(message.realpath)).id, [named('/a'), named('/b')]))
  await expect(resolving).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
})
