// File servers that keep to the form of the protocol and say absurd things in it: sizes, limits, statuses, links.

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SallyportError } from '../../src/index.js'
import { message, status } from '../../src/sftp/protocol/numbers.js'
import { PacketWriter } from '../../src/sftp/protocol/packet-writer.js'
import { versionPacket } from '../../src/sftp/protocol/version.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { namesReply, type SftpRequest, type SftpScript, statusReply } from '../support/scripted-sftp.js'
import { downloadRoom, type ScriptedSftpHost, startScriptedSftpHost } from '../support/scripted-sftp-host.js'
import { linkMode, once, treeScript } from '../support/scripted-sftp-tree.js'

leakCheck()

const content = randomBytes(100_000)
const limitMs = 5000

let host: ScriptedSftpHost
beforeAll(async () => {
  host = await startScriptedSftpHost({ data: content, big: randomBytes(1000) })
})
afterAll(() => host[Symbol.asyncDispose]())

const but =
  (types: readonly number[], reply: (request: SftpRequest) => Buffer | readonly Buffer[]): SftpScript =>
  (request) =>
    types.includes(request.type) ? reply(request) : request.honest()

describe('limits', () => {
  test.each([
    ['of nothing', [0, 0, 0, 0]],
    ['of one byte and one handle', [1, 1, 1, 1]],
    ['without end', Array.from({ length: 4 }, () => Number.MAX_SAFE_INTEGER)],
    ['of a packet that is shorter than its data', [34_000, 261_120, 261_120, 2]],
  ])('%s: the right bytes go both ways', async (_, limits) => {
    // A byte at a time takes its time.
    const small = content.subarray(0, 60)
    await host.connected(async (connection) => {
      host.sftp.script = (request) => {
        if (request.about !== 'limits@openssh.com') return request.honest()
        const writer = new PacketWriter(message.extendedReply).uint32(request.id)
        for (const limit of limits) writer.uint64(limit)
        return writer.packet()
      }
      await connection.put(small, 'small', { timeoutMs: limitMs })
      const { content: got } = await connection.get('small', { as: 'bytes' }, { timeoutMs: limitMs })
      expect(got.equals(small)).toBe(true)
    })
  })
})

describe('sizes', () => {
  const sized = (size: number): SftpScript =>
    but([message.stat, message.lstat, message.fstat], ({ id }) =>
      new PacketWriter(message.attributes).uint32(id).uint32(5).uint64(size).uint32(0o100_644).packet(),
    )

  test('that no memory holds: nothing is taken for them in advance', async () => {
    await host.connected(async (connection) => {
      host.sftp.script = sized(Number.MAX_SAFE_INTEGER)
      const before = process.memoryUsage().arrayBuffers
      const error = await failureOf(connection.get('data', { as: 'bytes' }, { timeoutMs: limitMs }))
      expect(['OUTPUT_LIMIT', 'FILE_CHANGED']).toContain(error.code)
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20)
    })
  })

  test('that no disk holds: an error, and no file', async () => {
    using room = downloadRoom()
    await host.connected(async (connection) => {
      host.sftp.script = sized(Number.MAX_SAFE_INTEGER)
      await failureOf(connection.get('data', `${room.target}/data`, { timeoutMs: limitMs }))
      expect(room.inside()).toEqual([])
    })
  })

  test('of nothing, for a file with content: all of it', async () => {
    await host.connected(async (connection) => {
      host.sftp.script = sized(0)
      const { content: got } = await connection.get('data', { as: 'bytes' }, { timeoutMs: limitMs })
      expect(got.equals(content)).toBe(true)
    })
  })
})

describe('statuses', () => {
  test.each([
    ['of a later version', 21],
    ['of no version', 0xffff_ffff],
    ['of an end where there is none', status.eof],
  ])('%s are failures', async (_, code) => {
    await host.connected(async (connection) => {
      host.sftp.script = but([message.mkdir], (request) => statusReply(request, code, 'why'))
      await using sftp = await connection.sftp()
      expect(await failureOf(sftp.mkdir('made'))).toMatchObject({ code: 'SFTP_FAILURE', status: code })
      expect((await sftp.stat('data')).size).toBe(content.length)
    })
  })

  test('without a text, and with one of 200 KiB, make short errors', async () => {
    await host.connected(async (connection) => {
      await using sftp = await connection.sftp()
      host.sftp.script = but([message.mkdir], ({ id }) =>
        new PacketWriter(message.status).uint32(id).uint32(status.failure).packet(),
      )
      expect(await failureOf(sftp.mkdir('made'))).toMatchObject({ code: 'SFTP_FAILURE' })
      host.sftp.script = but([message.mkdir], (request) =>
        statusReply(request, status.failure, 'x\n'.repeat(1e5)),
      )
      const error = await failureOf(sftp.mkdir('made'))
      expect(error.message.length).toBeLessThan(20_000)
      expect(error.message).not.toContain('\n')
    })
  })
})

describe('versions', () => {
  test.each([[0], [2], [4], [0xffff_ffff]])('%i is not spoken', async (version) => {
    await host.connected(async (connection) => {
      host.sftp.script = but([message.init], () => versionPacket({ version, extensions: new Map() }))
      expect(await failureOf(connection.sftp({ timeoutMs: limitMs }))).toMatchObject({
        code: 'SFTP_UNAVAILABLE',
      })
      expect((await connection.run('hostname')).stdout).toBe('filehost\n')
    })
  })

  test('with extensions that nobody knows are fine', async () => {
    await host.connected(async (connection) => {
      const extensions = new Map(
        Array.from({ length: 1000 }, (_, index) => [`x${index}@example.com`, '\u001b']),
      )
      host.sftp.script = but([message.init], () => versionPacket({ version: 3, extensions }))
      await using sftp = await connection.sftp()
      expect(sftp.extensions.size).toBe(1000)
      expect((await sftp.stat('data')).size).toBe(content.length)
    })
  })
})

describe('links', () => {
  test.each([
    ['with NUL', 'a\0b'],
    ['of nothing', ''],
    ['of 10 000 characters', 'x'.repeat(10_000)],
  ])('%s are no reason to break', async (_, target) => {
    using room = downloadRoom()
    const before = room.outside()
    await host.connected(async (connection) => {
      host.sftp.script = treeScript({ list: once([['link', linkMode]]), target })
      const error = await connection
        .get('folder', `${room.target}/`, { recursive: true, symlinks: 'copy', timeoutMs: limitMs })
        .then(
          () => undefined,
          (reason: unknown) => reason,
        )
      if (error !== undefined) expect(error).toBeInstanceOf(SallyportError)
      expect(room.inside()).toEqual(['folder'])
      expect(room.outside()).toEqual(before)
    })
  })

  test('with no name or two are no answer', async () => {
    await host.connected(async (connection) => {
      for (const names of [[], ['a', 'b']]) {
        await using sftp = await connection.sftp()
        host.sftp.script = but([message.readlink], (request) =>
          namesReply(
            request,
            names.map((name) => [name, 0] as const),
          ),
        )
        expect(await failureOf(sftp.readlink('link'))).toMatchObject({ code: 'PROTOCOL_ERROR' })
      }
    })
  })
})
