// Transfers that go wrong: the old file stays, nothing is left, and the error says what it was.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { get } from '../../src/files/get.js'
import { put } from '../../src/files/put.js'
import type { TransferProgress } from '../../src/files/transfer.js'
import type { Acquire } from '../../src/hops/lease.js'
import type { Connection } from '../../src/index.js'
import { type WayIn, wayThrough } from '../support/acquire-through.js'
import { type FilesHost, startFilesHost } from '../support/files-host.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionsThrough } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'

let rig: FilesHost
let host: Connection
let way: WayIn
beforeAll(async () => {
  rig = await startFilesHost()
  host = rig.host
  way = await wayThrough(rig.chain)
  const lease = await way.acquire({})
  lease.release()
})
afterAll(async () => {
  await way[Symbol.asyncDispose]()
  await rig[Symbol.asyncDispose]()
})

const big = Buffer.alloc(12_000_000, 'abcdefg')

const places = () => rig.places({ big, old: 'old' })

/** Nothing but what was there, as it was. */
function expectUntouched(directory: string): void {
  expect(readdirSync(directory).sort()).toEqual(['big', 'old'])
  expect(readFileSync(join(directory, 'old'), 'utf8')).toBe('old')
}

/** Calls back once, at the first report. */
function atOnce(then: () => void): (progress: TransferProgress) => void {
  let calls = 0
  return () => {
    if (++calls === 1) then()
  }
}

/** Calls back once, when the first bytes are there: reports that take their time let the next one follow at once. */
function midway(then: () => void): (progress: TransferProgress) => void {
  let isDone = false
  return ({ bytes }) => {
    if (isDone) return
    isDone = bytes > 0
    if (isDone) then()
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 110)
  }
}

function withSmallDisk(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = scratchDir('disk')
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0777', 'tmpfs', directory])
  return use(directory).finally(() => execFileSync('umount', ['-l', directory]))
}

describe('a transfer that fails', () => {
  leakCheck()

  test('for want of room here leaves the old file and nothing else', () =>
    withSmallDisk(async (disk) => {
      const { there } = places()
      writeFileSync(join(disk, 'old'), 'old')
      await expect(host.get(join(there, 'big'), join(disk, 'old'))).rejects.toMatchObject({
        code: 'LOCAL_FILE_FAILED',
        cause: { code: 'ENOSPC' },
        hop: { host: host.host },
      })
      expect(readdirSync(disk)).toEqual(['old'])
      expect(readFileSync(join(disk, 'old'), 'utf8')).toBe('old')
    }))

  test('for want of room there leaves the old file and nothing else', () =>
    withSmallDisk(async (disk) => {
      const { here } = places()
      writeFileSync(join(disk, 'old'), 'old')
      await expect(host.put(join(here, 'big'), join(disk, 'old'))).rejects.toMatchObject({
        code: 'SFTP_FAILURE',
        path: expect.stringContaining(disk),
        hop: { host: host.host, index: 1 },
      })
      expect(readdirSync(disk)).toEqual(['old'])
      expect(readFileSync(join(disk, 'old'), 'utf8')).toBe('old')
    }))

  test('for want of permission says which file', async () => {
    const { here, there } = places()
    chmodSync(there, 0o555)
    await expect(host.put(join(here, 'big'), join(there, 'old'))).rejects.toMatchObject({
      code: 'SFTP_PERMISSION_DENIED',
      path: join(there, 'old'),
    })
    expectUntouched(there)
    chmodSync(join(there, 'big'), 0)
    await expect(host.get(join(there, 'big'), here)).rejects.toMatchObject({ code: 'SFTP_PERMISSION_DENIED' })
    mkdirSync(join(there, 'dir')) // as root
    await expect(host.put(join(here, 'big'), join(there, 'dir', 'x'))).rejects.toMatchObject({
      code: 'SFTP_PERMISSION_DENIED',
    })
    expectUntouched(here)
  })

  test('because its source became shorter says so', async () => {
    const { here, there } = places()
    const options = (path: string) => ({ onProgress: atOnce(() => truncateSync(path, 5_000_000)) })
    await expect(
      host.put(join(here, 'big'), join(there, 'old'), options(join(here, 'big'))),
    ).rejects.toMatchObject({ code: 'FILE_CHANGED', retryable: true })
    expectUntouched(there)
    await expect(
      host.get(join(there, 'big'), join(here, 'old'), options(join(there, 'big'))),
    ).rejects.toMatchObject({ code: 'FILE_CHANGED' })
    expectUntouched(here)
  })

  test('by its checksum is not there', async () => {
    const { here, there } = places()
    const big = join(there, 'big')
    const { atime, mtime } = statSync(big)
    const spoil = midway(() => {
      execFileSync('sh', ['-c', `printf X | dd of=${big} conv=notrunc 2>/dev/null`])
      // What its times tell needs no checksum.
      utimesSync(big, atime, mtime)
    })
    await expect(
      host.get(big, join(here, 'old'), { checksum: 'sha256', onProgress: spoil }),
    ).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' })
    expectUntouched(here)
  })
})

describe('a transfer that is under way', () => {
  leakCheck()

  test('is in a file that nobody else can guess or read', async () => {
    const { here, there } = places()
    const seen: string[] = []
    const look = (directory: string) => ({
      onProgress: midway(() => {
        for (const name of readdirSync(directory).filter((name) => name.startsWith('.'))) {
          seen.push(`${name} ${(statSync(join(directory, name)).mode & 0o7777).toString(8)}`)
        }
      }),
    })
    await host.put(join(here, 'big'), join(there, 'old'), look(there))
    await host.get(join(there, 'big'), join(here, 'old'), look(here))
    const pattern = expect.stringMatching(/^\.old\.[0-9a-f]{32}\.part 600$/)
    expect(seen).toEqual([pattern, pattern])
    expect(new Set(seen).size).toBe(2)
  })

  /** Aborts when the program has sent so many packets of the file protocol. */
  function abortingAt(packets: number, controller: AbortController): Acquire {
    return async (options) => {
      const lease = await way.acquire(options)
      const session = Object.create(lease.session, {
        start: {
          value: async (...args: Parameters<typeof lease.session.start>) => {
            const process = await lease.session.start(...args)
            const { stdin } = process
            const write = stdin.write.bind(stdin) as (data: Buffer) => boolean
            let sent = 0
            stdin.write = (data: Buffer): boolean => {
              const isTaken = write(data)
              sent += 1
              if (sent === packets) controller.abort()
              return isTaken
            }
            return process
          },
        },
        lastReceivedAt: { get: () => lease.session.lastReceivedAt },
        ended: { get: () => lease.session.ended },
      })
      return { ...lease, session, release: () => lease.release() }
    }
  }

  test.each([1, 2, 3, 4, 5, 6, 7, 9, 11, 13])(
    'leaves nothing when it is aborted after %i packets',
    async (n) => {
      const { here, there } = places()
      writeFileSync(join(here, 'small'), 'small')
      const inTime = async (transfer: (acquire: Acquire, signal: AbortSignal) => Promise<unknown>) => {
        const controller = new AbortController()
        const error = await transfer(abortingAt(n, controller), controller.signal).then(
          () => undefined,
          (error: unknown) => error,
        )
        // The last packets are those of the end: whoever aborts then comes too late.
        if (error !== undefined || n < 7)
          expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
      }
      await inTime((acquire, signal) =>
        put(acquire, { local: join(here, 'small'), remote: join(there, 'new') }, { signal }),
      )
      await inTime((acquire, signal) =>
        get(acquire, { remote: join(there, 'big'), local: join(here, 'new') }, { signal }),
      )
      for (const directory of [here, there]) {
        expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([])
      }
    },
  )
})

describe('a transfer that is resumed', () => {
  leakCheck()

  test('sends only what is missing, and all of it when the source has changed', async () => {
    const { here, there } = places()
    const resume = true
    const transfers = {
      put: (options: object) => host.put(join(here, 'big'), join(there, 'new'), { resume, ...options }),
      get: (options: object) => host.get(join(there, 'big'), join(here, 'new'), { resume, ...options }),
    }
    for (const [name, transfer] of Object.entries(transfers)) {
      const [from, to] = name === 'put' ? [here, there] : [there, here]
      const interrupt = async (): Promise<void> => {
        const controller = new AbortController()
        const onProgress = midway(() => controller.abort())
        await expect(transfer({ signal: controller.signal, onProgress })).rejects.toMatchObject({
          code: 'ABORT_ERR',
        })
        expect(readdirSync(to).filter((file) => file.endsWith('.resume.part'))).toHaveLength(1)
      }
      await interrupt()
      const { bytes } = await transfer({ checksum: 'sha256' })
      expect(bytes).toBeLessThan(big.length)
      expect(readFileSync(join(to, 'new')).equals(big)).toBe(true)
      expect(readdirSync(to).filter((file) => file.endsWith('.part'))).toEqual([])
      await interrupt()
      const other = Buffer.alloc(11_000_000, 'xyz')
      writeFileSync(join(from, 'big'), other)
      utimesSync(join(from, 'big'), 1e9, 1e9)
      expect((await transfer({})).bytes).toBe(other.length)
      expect(readFileSync(join(to, 'new')).equals(other)).toBe(true)
      expect(readdirSync(to).filter((file) => file.endsWith('.part'))).toEqual([])
      for (const directory of [here, there]) writeFileSync(join(directory, 'big'), big)
      execFileSync('rm', ['-f', join(to, 'new')])
    }
  })
})

test('a transfer whose unfinished file another one took over does not take that for its own', async () => {
  const { here, there } = places()
  const transfers = [
    [there, (options: object) => host.put(join(here, 'big'), join(there, 'old'), options)],
    [here, (options: object) => host.get(join(there, 'big'), join(here, 'old'), options)],
  ] as const
  for (const [directory, transfer] of transfers) {
    const partial = () => readdirSync(directory).filter((name) => name.endsWith('.resume.part'))
    const onProgress = midway(() => {
      const path = join(directory, partial().join())
      unlinkSync(path)
      writeFileSync(path, 'of the other', { mode: 0o600 })
      chownSync(path, statSync(directory).uid, statSync(directory).gid)
    })
    await expect(transfer({ resume: true, onProgress })).rejects.toMatchObject({
      code: 'TRANSFER_FAILED',
      message: expect.stringContaining('took over'),
    })
    expect(readFileSync(join(directory, partial().join()), 'utf8')).toBe('of the other')
    unlinkSync(join(directory, partial().join()))
    expectUntouched(directory)
  }
})

describe('a transfer that loses its connection', () => {
  leakCheck()

  test('leaves the old file, and removes what it had begun by another connection', async () => {
    const { here, there } = places()
    const own = connectionsThrough(rig.chain)
    const target = own.at(-1)
    if (target === undefined) throw new Error('no target')
    const onProgress = () => midway(() => rig.chain.at(1).killSessions())
    const lost = { code: 'CONNECTION_LOST', hop: { index: 1 } }
    await expect(
      target.put(join(here, 'big'), join(there, 'old'), { onProgress: onProgress() }),
    ).rejects.toMatchObject(lost)
    expectUntouched(there)
    await expect(
      target.get(join(there, 'big'), join(here, 'old'), { onProgress: onProgress() }),
    ).rejects.toMatchObject(lost)
    expectUntouched(here)
    await closeAll(own)
  })

  test('names what may be left when there is no other connection', async () => {
    const { here, there } = places()
    const own = connectionsThrough(rig.chain)
    const target = own.at(-1)
    if (target === undefined) throw new Error('no target')
    let stopped: Promise<void> | undefined
    const onProgress = midway(() => {
      stopped = rig.chain.at(1).stop()
    })
    await expect(target.put(join(here, 'big'), join(there, 'old'), { onProgress })).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      hint: expect.stringMatching(/\/\.old\.[0-9a-f]{32}\.part may be left/),
    })
    expect(readFileSync(join(there, 'old'), 'utf8')).toBe('old')
    await stopped
    await closeAll(own)
  })
})
