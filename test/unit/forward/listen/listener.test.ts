import { once } from 'node:events'
import { existsSync, lstatSync, readdirSync, renameSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ListenAddress } from '../../../../src/dialer.js'
import { checkReach, hostsOf, listenList } from '../../../../src/forward/listen/listen-addresses.js'
import { type Listeners, openListeners } from '../../../../src/forward/listen/listener.js'
import { failureOf } from '../../../support/failure.js'
import { scratchDir } from '../../../support/run-dir.js'

const hop = { index: 0, count: 1, user: 'me', host: 'gate', port: 22 }

const open = (
  listen: readonly ListenAddress[],
  terms: { readonly unlinks?: boolean; readonly mask?: number; readonly signal?: AbortSignal } = {},
): Promise<Listeners> =>
  openListeners(listen, {
    hop,
    unixSockets: {
      streamLocalBindMask: terms.mask ?? 0o177,
      streamLocalBindUnlink: terms.unlinks ?? false,
    },
    signal: terms.signal ?? new AbortController().signal,
  })

/** A socket that a program left behind, without anybody who listens. */
async function staleSocket(): Promise<string> {
  const path = join(scratchDir('stale'), 'socket')
  const server = createServer().listen(path)
  await once(server, 'listening')
  renameSync(path, `${path}-kept`) // so that its closing does not remove it
  server.close()
  renameSync(`${path}-kept`, path)
  return path
}

describe('a unix socket that a program left behind', () => {
  test('makes listening fail, and the error says what to do', async () => {
    const path = await staleSocket()
    expect(await failureOf(open([{ path }]))).toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringMatching(/nobody listens$/),
      hint: expect.stringMatching(/remove it, or set streamLocalBindUnlink/),
      cause: { code: 'EADDRINUSE' },
    })
    expect(lstatSync(path).isSocket()).toBe(true)
  })

  test('is replaced where streamLocalBindUnlink says so', async () => {
    const path = await staleSocket()
    const listeners = await open([{ path }], { unlinks: true })
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
    await listeners.close()
    expect(existsSync(path)).toBe(false)
  })
})

describe('a unix socket that is made', () => {
  test('has the mode that the mask leaves, and nothing is left beside it', async () => {
    const directory = scratchDir('mask')
    const listeners = await open([{ path: join(directory, 'socket') }], { mask: 0o117 })
    expect(lstatSync(join(directory, 'socket')).mode & 0o777).toBe(0o660)
    expect(readdirSync(directory)).toEqual(['socket'])
    await listeners.close()
    expect(readdirSync(directory)).toEqual([])
  })

  test('must have a path that fits', async () => {
    const directory = scratchDir('long')
    const failed = await failureOf(open([{ path: join(directory, 'x'.repeat(104)) }]))
    expect(failed).toMatchObject({ code: 'LISTEN_FAILED', hint: expect.stringContaining('103 bytes') })
    expect(readdirSync(directory)).toEqual([])
  })

  test('is taken away again when another address fails', async () => {
    const directory = scratchDir('both')
    await using taken = await open([{ host: '127.0.0.1', port: 0 }]).then(disposable)
    const [address] = taken.addresses
    if (address === undefined || 'path' in address) throw new TypeError('no port')
    await failureOf(open([{ path: join(directory, 'socket') }, address]))
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('listening that is aborted', () => {
  test('leaves nothing, and rejects with the reason', async () => {
    const reason = new Error('enough')
    const directory = scratchDir('aborted')
    const list = [{ path: join(directory, 'socket') }, { port: 0 }]
    const early = open(list, { signal: AbortSignal.abort(reason) })
    await expect(early).rejects.toBe(reason)
    const controller = new AbortController()
    const late = open(list, { signal: controller.signal })
    controller.abort(reason)
    await expect(late).rejects.toBe(reason)
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('who could connect', () => {
  const reach = (host: string): boolean => {
    try {
      checkReach([{ host, port: 1 }], { gatewayPorts: false })
      return false
    } catch {
      return true
    }
  }

  test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1'])(
    'only this machine, at %s',
    (host) => expect(reach(host)).toBe(false),
  )

  test.each(['', '*', '0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'fe80::1', 'localhost.example', 'name'])(
    'others, at %j',
    (host) => expect(reach(host)).toBe(true),
  )

  test('an absent host is for both families, and a list is taken as it is', () => {
    expect(hostsOf(undefined)).toEqual(['127.0.0.1', '::1'])
    expect(hostsOf('*')).toEqual(['0.0.0.0', '::'])
    expect(listenList(undefined)).toEqual([{ port: 0 }])
    expect(listenList([{ port: 1 }, { path: 'p' }])).toEqual([{ port: 1 }, { path: 'p' }])
  })
})

function disposable(listeners: Listeners): Listeners & AsyncDisposable {
  return { ...listeners, [Symbol.asyncDispose]: listeners.close }
}
