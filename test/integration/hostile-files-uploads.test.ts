// File servers that fail or lie in the middle of an upload: the old file stays, whole, and nothing is left beside it.

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { message, status } from '../../src/sftp/protocol/numbers.js'
import { PacketWriter } from '../../src/sftp/protocol/packet-writer.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { type SftpRequest, type SftpScript, statusReply, withId } from '../support/scripted-sftp.js'
import { type ScriptedSftpHost, startScriptedSftpHost } from '../support/scripted-sftp-host.js'

leakCheck()

const content = randomBytes(600_000)
const old = 'what was there before'

let host: ScriptedSftpHost
beforeAll(async () => {
  host = await startScriptedSftpHost({ 'dir/file': old })
})
afterAll(() => host[Symbol.asyncDispose]())

/** Honest until the nth request of this type. */
function from(
  count: number,
  type: number,
  reply: (request: SftpRequest) => Buffer | readonly Buffer[],
): SftpScript {
  let seen = 0
  return (request) => {
    if (request.type === type) seen += 1
    return request.type === type && seen >= count ? reply(request) : request.honest()
  }
}

const isRename = (request: SftpRequest): boolean =>
  request.type === message.rename ||
  (request.type === message.extended && request.about === 'posix-rename@openssh.com')

const cases: readonly (readonly [what: string, script: SftpScript, code: string])[] = [
  [
    'has no more room',
    from(2, message.write, (request) => statusReply(request, status.failure, 'No space left on device')),
    'SFTP_FAILURE',
  ],
  [
    'forbids writing',
    from(1, message.write, (request) => statusReply(request, status.permissionDenied)),
    'SFTP_PERMISSION_DENIED',
  ],
  [
    'forbids making files',
    from(1, message.open, (request) => statusReply(request, status.permissionDenied)),
    'SFTP_PERMISSION_DENIED',
  ],
  [
    'answers a write that nobody asked for',
    from(2, message.write, (request) => withId(request.honest(), request.id + 1_000_000)),
    'PROTOCOL_ERROR',
  ],
  [
    'answers a write twice',
    from(1, message.write, (request) => {
      const reply = request.honest()
      return [reply, reply]
    }),
    'PROTOCOL_ERROR',
  ],
  [
    'finds out when the file is closed',
    from(1, message.close, (request) => statusReply(request, status.failure, 'Disk quota exceeded')),
    'SFTP_FAILURE',
  ],
  [
    'forbids the new name',
    (request) => (isRename(request) ? statusReply(request, status.permissionDenied) : request.honest()),
    'SFTP_PERMISSION_DENIED',
  ],
]

test.each(cases)('a server that %s', async (_, script, code) => {
  await host.connected(async (connection) => {
    host.sftp.script = script
    const error = await failureOf(connection.put(content, 'dir/file', { timeoutMs: 5000 }))
    expect(error).toMatchObject({ code, hop: { host: 'filehost', index: 1 } })
    host.sftp.script = (request) => request.honest()
    await using sftp = await connection.sftp()
    expect((await sftp.readFile('dir/file')).toString()).toBe(old)
    expect((await sftp.readdir('dir')).map(({ name }) => name)).toEqual(['file'])
  })
})

test('a full disk, with what the server says about it', async () => {
  const server = host.network.host('honesthost')
  await host.connectedHonestly(async (connection) => {
    server.fault({ files: { diskBytes: 400_000 } })
    const error = await failureOf(connection.put(content, 'dir/file'))
    expect(error).toMatchObject({ code: 'SFTP_FAILURE', path: expect.stringContaining('dir/') })
    expect(error.message).toContain('No space left on device')
  })
  expect(server.files.list('dir').map(({ path }) => path)).toEqual(['/home/dir/file'])
  expect(server.files.read('dir/file').toString()).toBe(old)
})

test('a server that goes away in the middle', async () => {
  const server = host.network.host('filehost')
  await host.connected(async (connection) => {
    host.sftp.script = from(2, message.write, (request) => {
      server.disconnect()
      return request.honest()
    })
    const error = await failureOf(connection.put(content, 'dir/file'))
    expect(error).toMatchObject({ code: 'CONNECTION_LOST', hop: { host: 'filehost' } })
    host.sftp.script = (request) => request.honest()
    await using sftp = await connection.sftp()
    expect((await sftp.readFile('dir/file')).toString()).toBe(old)
  })
})

/** Has no extension, and so puts no file in the place of another: it is set aside by the second renaming of three. */
function plain(atLast: (request: SftpRequest) => Buffer | readonly Buffer[]): SftpScript {
  const late = from(3, message.rename, atLast)
  return (request) => {
    if (request.type === message.init) return new PacketWriter(message.version).uint32(3).packet()
    return request.type === message.rename ? late(request) : request.honest()
  }
}

test.each([
  ['answers', (request: SftpRequest) => request.honest(), undefined],
  [
    'refuses it',
    (request: SftpRequest) => statusReply(request, status.permissionDenied),
    'SFTP_PERMISSION_DENIED',
  ],
  ['is silent', () => [], 'ABORT_ERR'],
  ['goes away', () => [], 'CONNECTION_LOST'],
])('a server that cannot replace and at the new name %s loses neither file', async (what, atLast, code) => {
  const controller = new AbortController()
  await host.connected(async (connection) => {
    let seen = 0
    host.sftp.script = plain((request) => {
      seen += 1
      if (seen > 1) return request.honest()
      if (what === 'is silent') controller.abort()
      if (what === 'goes away') host.network.host('filehost').disconnect()
      return atLast(request)
    })
    const { signal } = controller
    const error = await failureOf(connection.put(content, 'dir/file', { signal })).catch(() => undefined)
    expect(error?.code).toBe(code)
    expect(seen).toBeGreaterThan(0)
    host.sftp.script = (request) => request.honest()
    await using sftp = await connection.sftp()
    const bytes = await sftp.readFile('dir/file')
    expect(bytes.equals(code === undefined ? content : Buffer.from(old))).toBe(true)
    expect((await sftp.readdir('dir')).map(({ name }) => name)).toEqual(['file'])
    await sftp.writeFile('dir/file', old)
  })
})
