// File servers that fall silent at one kind of request: whoever waits can leave at once, and nothing half done stays.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deferred } from '../../src/deferred.js'
import type { Connection } from '../../src/index.js'
import { message } from '../../src/sftp/protocol/numbers.js'
import { leakCheck } from '../support/leak-check.js'
import { downloadRoom, type ScriptedSftpHost, startScriptedSftpHost } from '../support/scripted-sftp-host.js'

leakCheck()

const old = 'what was there before'

let host: ScriptedSftpHost
beforeAll(async () => {
  host = await startScriptedSftpHost({ 'dir/file': old })
})
afterAll(() => host[Symbol.asyncDispose]())

/** Aborts `work` as soon as the server has been asked something of this type, which it never answers. */
async function leaveAt(
  type: number,
  connection: Connection,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const leaving = new AbortController()
  const asked = deferred<number>()
  host.sftp.script = (request) => {
    if (request.type !== type) return request.honest()
    leaving.abort()
    asked.resolve(performance.now())
    return []
  }
  await expect(work(leaving.signal)).rejects.toMatchObject({ name: 'AbortError', hop: { host: 'filehost' } })
  expect(performance.now() - (await asked.promise)).toBeLessThan(3000)
  host.sftp.script = (request) => request.honest()
  expect((await connection.run('hostname')).stdout).toBe('filehost\n')
}

describe('a download can be left while the server owes an answer to', () => {
  test.each(['init', 'opendir', 'readdir', 'open', 'fstat', 'read', 'stat'] as const)('%s', async (name) => {
    using room = downloadRoom()
    const before = room.outside()
    await host.connected(async (connection) => {
      await leaveAt(message[name], connection, (signal) =>
        connection.get('dir', `${room.target}/`, { recursive: true, signal }),
      )
      expect(room.inside().filter((line) => line !== 'dir')).toEqual([])
      expect(room.outside()).toEqual(before)
    })
  })
})

describe('an upload can be left while the server owes an answer to', () => {
  test.each(['init', 'open', 'write', 'stat'] as const)('%s', async (name) => {
    await host.connected(async (connection) => {
      await leaveAt(message[name], connection, (signal) =>
        connection.put(Buffer.alloc(100_000), 'dir/file', { signal }),
      )
      await using sftp = await connection.sftp()
      expect((await sftp.readFile('dir/file')).toString()).toBe(old)
      expect((await sftp.readdir('dir')).map((entry) => entry.name)).toEqual(['file'])
    })
  })
})

test('a server that never tells its limits holds up neither an upload nor a download beyond its time', async () => {
  using room = downloadRoom()
  await host.connected(async (connection) => {
    host.sftp.script = (request) => (request.type === message.extended ? [] : request.honest())
    const limit = { timeoutMs: 300 }
    const works = [
      connection.put(Buffer.from('new'), 'dir/file', limit),
      connection.get('dir/file', `${room.target}/`, limit),
    ]
    for (const { reason } of (await Promise.allSettled(works)) as readonly PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ code: 'TIMEOUT', hop: { host: 'filehost' } })
    }
    expect(room.inside()).toEqual([])
  })
})
