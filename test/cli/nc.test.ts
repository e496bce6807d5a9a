// `sallyport nc`: alone, and as the ProxyCommand of the real ssh.

import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startService } from '../support/peers.js'
import { descendantsOf } from '../support/proc.js'
import { freePort, type Sshd, startSshd } from '../support/sshd.js'
import { ownServer, startAnswering } from './own-server.js'
import { ended, program, quietServer, sallyport, start } from './program.js'

const { sshd, home, env, to } = ownServer()

const host = '127.0.0.1'

describe('a stream', () => {
  it('carries every byte both ways, and each way ends by itself', async () => {
    await using echo = await startAnswering((all) => all)
    const bytes = randomBytes(3_000_000)
    const child = start(['nc', ...to(), host, String(echo.address.port)], { env, input: bytes })
    const [back, [exitCode]] = await Promise.all([
      buffer(child.stdout),
      once(child, 'close') as Promise<[number]>,
    ])
    expect(exitCode).toBe(0)
    expect(createHash('sha256').update(back).digest('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    )
  })

  it('that they end first is told to the reader at once, and what is sent after it arrives', async () => {
    await using farewell = await startService((socket) => socket.end('farewell'))
    const child = start(['nc', ...to(), host, String(farewell.address.port)], { env, input: 'open' })
    expect(await text(child.stdout)).toBe('farewell')
    const [socket] = farewell.sockets
    if (socket === undefined) throw new Error('nobody came')
    const sent = text(socket)
    child.stdin.end('sent after it')
    expect(await sent).toBe('sent after it')
    expect(await once(child, 'close')).toEqual([0, null])
  })

  it('leads to a unix socket, too', async () => {
    const path = join(home.path, 'service.sock')
    await using _service = await startService((socket) => socket.end('by a path'), path)
    expect(await sallyport(['nc', ...to(), path], { env })).toEqual({
      stdout: 'by a path',
      stderr: '',
      exitCode: 0,
    })
  })

  it('that cannot be opened is an error: 255, and nothing on standard output', async () => {
    const args = ['nc', ...to(), host, String(await freePort(host))]
    const { stdout, stderr, exitCode } = await sallyport(args, { env })
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 255 })
    expect(stderr).toMatch(/^sallyport: error: .*Connection refused\n(?:cause: .*\n)?hint: /)
  })

  it('is closed when the reader goes away', async () => {
    await using endless = await startService((socket) => {
      const write = (): void => void socket.write(Buffer.alloc(65_536, 'x'), (error) => error ?? write())
      write()
    })
    const child = start(['nc', ...to(), host, String(endless.address.port)], { env, input: 'open' })
    await once(child.stdout, 'data')
    child.stdout.destroy()
    const { stderr, exitCode } = await ended(child)
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 141 })
    for (const socket of endless.sockets) if (!socket.closed) await once(socket, 'close')
  })

  it('is closed by an interruption', async () => {
    await using silent = await startService((socket) => socket.write('here'))
    const child = start(['nc', ...to(), host, String(silent.address.port)], { env, input: 'open' })
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    expect(await ended(child)).toMatchObject({ stderr: '', exitCode: 130 })
  })

  it('writes as fast as the reader reads, and no faster', async () => {
    let sent = 0
    await using endless = await startService((socket) => {
      const chunk = Buffer.alloc(65_536, 'x')
      const write = (): void => {
        while (socket.writable && socket.write(chunk)) sent += chunk.length
      }
      socket.on('drain', write)
      write()
    })
    const child = start(['nc', ...to(), host, String(endless.address.port)], { env, input: 'open' })
    await once(child.stdout, 'readable')
    let before = -1
    while (before < sent) {
      before = sent
      await delay(300)
    }
    // What the buffers on the way hold: a window of SSH, and those of the sockets.
    expect(sent).toBeLessThan(32 * 1024 * 1024)
    child.stdout.destroy()
    await ended(child)
  })
})

describe('as the ProxyCommand of ssh', () => {
  async function throughUs(target: Sshd, flags: readonly string[]) {
    const command = [process.execPath, program, 'nc', ...flags, '%h', '%p'].join(' ')
    const child = spawn(
      'ssh',
      ['-o', `ProxyCommand=${command}`, ...target.sshArgs(), 'cat; echo done >&2; exit 7'],
      { env: { ...process.env, ...env } },
    )
    child.stdin.write('through')
    await once(child.stdout, 'data')
    const below = descendantsOf(child.pid ?? 0)
    child.stdin.end()
    const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'close')])
    return { stderr, exitCode: exitCode as number, below }
  }

  it('it carries the session, and nothing is left after it', async () => {
    await using target = await startSshd({ config: quietServer(home.path) })
    const { below, ...result } = await throughUs(target, to())
    expect(result).toEqual({ stderr: 'done\n', exitCode: 7 })
    expect(below.length).toBeGreaterThan(0)
    while (below.some((pid) => isAlive(pid))) await delay(20)
    expect(target.connections().map(({ peerHost }) => peerHost)).toHaveLength(1)
  })

  it('through a gateway before the gateway', async () => {
    await using target = await startSshd({ config: quietServer(home.path) })
    await using first = await startSshd({ userKey: sshd().userKey })
    home.write('.ssh/known_hosts', sshd().knownHostsLine() + first.knownHostsLine())
    home.write('.ssh/id_ed25519', 'unused')
    const jump = `${first.user}@${first.host}:${first.port}`
    const keyForAll = home.write('key', `Host *\n  IdentityFile ${sshd().userKeyFile}\n`)
    const { below: _, ...result } = await throughUs(target, ['-F', keyForAll, '-J', jump, ...to()])
    expect(result).toEqual({ stderr: 'done\n', exitCode: 7 })
    expect(first.forwards()).toEqual([`${sshd().host}:${sshd().port}`])
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
