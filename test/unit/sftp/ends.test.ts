// How calls and sessions end before they are done: aborted, timed out, closed, lost, or never begun.

import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { SallyportError } from '../../../src/errors.js'
import { openSftp } from '../../../src/sftp/open-sftp.js'
import { message } from '../../../src/sftp/protocol/numbers.js'
import { PacketWriter } from '../../../src/sftp/protocol/packet-writer.js'
import { versionPacket } from '../../../src/sftp/protocol/version.js'
import { fakeHop } from '../exec/fake-session.js'
import { ScriptedPeer } from './scripted-peer.js'

test('an aborted call rejects at once, and its late reply harms nobody', async () => {
  const peer = new ScriptedPeer()
  await using sftp = await peer.open()
  const abort = new AbortController()
  const calls = Array.from({ length: 20 }, () => sftp.stat('a', { signal: abort.signal }))
  const asked = []
  for (const _ of calls) asked.push(await peer.next(message.stat))
  abort.abort(new Error('enough'))
  for (const call of calls) {
    await expect(call).rejects.toMatchObject({ name: 'AbortError', cause: { message: 'enough' } })
  }
  expect(getEventListeners(abort.signal, 'abort')).toEqual([])
  for (const { id } of asked) peer.send(new PacketWriter(message.attributes).uint32(id).uint32(0).packet())
  const removed = sftp.unlink('b')
  peer.ok((await peer.next(message.remove)).id)
  await removed
})

test('a file that is opened after its call was given up is closed', async () => {
  const peer = new ScriptedPeer()
  await using sftp = await peer.open()
  const opening = sftp.open('a', 'r', { timeoutMs: 20 })
  const { id } = await peer.next(message.open)
  await expect(opening).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('20 ms') })
  peer.handle(id, 'late')
  const close = await peer.next(message.close)
  expect(close.fields.text()).toBe('late')
  peer.ok(close.id)
})

test('a limit of time is the error of a long read and a long write, too', async () => {
  const peer = new ScriptedPeer()
  await using sftp = await peer.open()
  const opening = sftp.open('a', 'r+')
  peer.handle((await peer.next(message.open)).id, 'h')
  const file = await opening
  const late = { timeoutMs: 20 }
  const works = [() => file.read(0, 100_000, late), () => file.write(0, Buffer.alloc(100_000), late)]
  for (const work of works) {
    await expect(work()).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('20 ms') })
  }
})

test('a stream that is destroyed while its file is opened closes at once, and its file then', async () => {
  const peer = new ScriptedPeer()
  await using sftp = await peer.open()
  for (const make of [() => sftp.createWriteStream('a'), () => sftp.createReadStream('a').resume()]) {
    const stream = make()
    const { id } = await peer.next(message.open)
    const closed = new Promise((resolve) => stream.once('close', resolve))
    stream.destroy()
    await closed
    peer.handle(id, 'late')
    peer.ok((await peer.next(message.close)).id)
  }
})

test('close settles what is under way, once, and gives the lease back', async () => {
  const peer = new ScriptedPeer()
  const sftp = await peer.open()
  const pending = sftp.stat('a')
  const closed = [sftp.close(), sftp.close()]
  await expect(pending).rejects.toMatchObject({ code: 'CLOSED' })
  await Promise.all(closed)
  await expect(sftp.readdir('a')).rejects.toMatchObject({ code: 'CLOSED' })
  expect([peer.counts.leases, peer.process.closes]).toEqual([0, 1])
})

test('a lost connection is the error of everything', async () => {
  const peer = new ScriptedPeer()
  const sftp = await peer.open()
  const pending = sftp.stat('a')
  const lost = new SallyportError('CONNECTION_LOST', 'gone')
  peer.process.lose(lost)
  await expect(pending).rejects.toBe(lost)
  await expect(sftp.open('a', 'r')).rejects.toBe(lost)
  expect(peer.counts.leases).toBe(0)
})

test('a server that ends the session is told of with its status and its last words', async () => {
  const peer = new ScriptedPeer()
  const sftp = await peer.open()
  const pending = sftp.stat('a')
  peer.process.stderr.write('out of \x1bmemory\n')
  peer.process.exit(254)
  await expect(pending).rejects.toMatchObject({
    code: 'CONNECTION_LOST',
    message: 'web1: the SFTP server ended the session with 254: out of \\x1bmemory',
  })
  expect(peer.counts.leases).toBe(0)
})

test.each([
  ['Welcome to \x1b[1mweb1\x1b[0m\nEnjoy\n', 'with "Welcome to \\x1b[1mweb1\\x1b[0m\\nEnjoy"'],
  ['hi\n', 'with "hi\\n'],
])('a banner in front of the protocol is shown', async (banner, shown) => {
  const { acquire, counts } = fakeHop((process) => {
    process.stdout.write(banner)
    process.stdout.write(versionPacket({ version: 3, extensions: new Map() }))
  })
  const error = await openSftp(acquire).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'SFTP_UNAVAILABLE', hint: expect.stringContaining('print nothing') })
  expect((error as Error).message).toContain(shown)
  expect(counts.leases).toBe(0)
})

test.each([
  ['another version', { version: 2, extensions: new Map() }, 'speaks SFTP version 2'],
  ['an end', undefined, 'ended with 127 before it began: not found'],
])('%s in place of the version is SFTP_UNAVAILABLE', async (_name, version, text) => {
  const { acquire, counts } = fakeHop((process) => {
    if (version !== undefined) process.stdout.write(versionPacket(version))
    process.stderr.write('not found')
    process.exit(127)
  })
  const opening = openSftp(acquire)
  await expect(opening).rejects.toMatchObject({
    code: 'SFTP_UNAVAILABLE',
    message: expect.stringContaining(text),
  })
  expect(counts.leases).toBe(0)
})

test('a server that never says its version is given up in time, or when the caller has enough', async () => {
  const { acquire, counts } = fakeHop()
  await expect(openSftp(acquire, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'TIMEOUT' })
  const abort = new AbortController()
  const opening = openSftp(acquire, { signal: abort.signal })
  abort.abort()
  await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
  expect(counts.leases).toBe(0)
  expect(getEventListeners(abort.signal, 'abort')).toEqual([])
})
