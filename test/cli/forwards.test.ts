// -L, -R, -D, -g, -N and -W of `run` and `shell`, through a real sshd.

import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { client, type Service, startService } from '../support/peers.js'
import { freePort } from '../support/sshd.js'
import { ask, ownServer, shows, startAnswering } from './own-server.js'
import { ended, sallyport, start } from './program.js'

const { sshd, home, env, to } = ownServer()

const host = '127.0.0.1'

const startEcho = (): Promise<Service> => startService((socket) => socket.pipe(socket))

/** A command that says when it runs, and ends with its input. */
const waiting = ['--', 'echo running; cat']

describe('run', () => {
  it('-L leads from a port here to one there while the command runs, and no longer', async () => {
    await using echo = await startEcho()
    const port = await freePort(host)
    const child = start(['run', '-L', `${port}:${host}:${echo.address.port}`, ...to(), ...waiting], {
      env,
      input: 'open',
    })
    await shows(child, /running/)
    expect(await ask({ host, port }, 'through')).toBe('through')
    child.stdin.end()
    expect(await ended(child)).toEqual({ stdout: '', stderr: '', exitCode: 0 })
    await expect(ask({ host, port }, '')).rejects.toThrow('ECONNREFUSED')
  })

  it('as ssh, it waits after the command for the connections that are under way', async () => {
    await using echo = await startEcho()
    const port = await freePort(host)
    const args = [
      'run',
      '-L',
      `${port}:${host}:${echo.address.port}`,
      ...to(),
      '--',
      'echo running; read x; exit 3',
    ]
    const child = start(args, { env, input: 'open' })
    await shows(child, /running/)
    const socket = client({ host, port })
    socket.write('before')
    expect(String(await once(socket, 'data'))).toBe('before')
    const result = ended(child)
    child.stdin.write('\n')
    await delay(300)
    socket.write('after')
    expect(String(await once(socket, 'data'))).toBe('after')
    socket.end()
    expect((await result).exitCode).toBe(3)
  })

  it('several -L, sockets on either side, and LocalForward of the configuration all count', async () => {
    await using echo = await startEcho()
    const [first, second] = [await freePort(host), await freePort(host)]
    const path = join(home.path, 'listens.sock')
    const config = home.write('forwards', `Host *\n  LocalForward ${second} ${host}:${echo.address.port}\n`)
    const flags = [
      '-L',
      `${path}:${host}:${echo.address.port}`,
      '-L',
      `${host}:${first}:${path}`,
      '-F',
      config,
    ]
    const child = start(['run', ...flags, ...to(), ...waiting], { env, input: 'open' })
    await shows(child, /running/)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const answers = [ask({ path }, 'a'), ask({ host, port: first }, 'b'), ask({ host, port: second }, 'c')]
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c'])
    child.stdin.end()
    expect((await ended(child)).exitCode).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  it('ClearAllForwardings takes back those of the command line, too, as with ssh', async () => {
    const port = await freePort(host)
    const flags = ['-o', 'ClearAllForwardings=yes', '-L', `${port}:${host}:1`]
    const child = start(['run', ...flags, ...to(), ...waiting], { env, input: 'open' })
    await shows(child, /running/)
    await expect(ask({ host, port }, '')).rejects.toThrow('ECONNREFUSED')
    child.stdin.end()
    expect(await ended(child)).toEqual({ stdout: '', stderr: '', exitCode: 0 })
  })

  it('a port that is taken is a warning, and with ExitOnForwardFailure the end', async () => {
    await using taken = await startEcho()
    const flags = ['-L', `${host}:${taken.address.port}:${host}:1`]
    const warned = await sallyport(['run', ...flags, ...to(), 'echo ran'], { env })
    expect(warned).toMatchObject({ stdout: 'ran\n', exitCode: 0 })
    expect(warned.stderr).toMatch(/^sallyport: warning: .*local forward .*the address is in use\n$/)
    const strict = ['-o', 'ExitOnForwardFailure=yes', ...flags]
    const failed = await sallyport(['run', ...strict, ...to(), 'echo ran'], { env })
    expect(failed).toMatchObject({ stdout: '', exitCode: 255 })
    expect(failed.stderr).toMatch(/^sallyport: error: .*the address is in use\ncause: .*EADDRINUSE/)
    // Not 0, which the command line refuses.
    expect(failed.stderr).toMatch(/^hint: choose another port, or end what listens there$/m)
  })

  it('-g listens for everyone, and warns', async () => {
    const port = await freePort('0.0.0.0')
    const flags = ['-g', '-L', `${port}:${host}:1`]
    const { stdout, stderr } = await sallyport(['run', ...flags, ...to(), `ss -Hltn sport = :${port}`], {
      env,
    })
    expect(stdout).toMatch(/ (?:\*|0\.0\.0\.0):\d+ /)
    expect(stderr).toMatch(/^sallyport: warning: .*others can connect: \*:\d+\n$/)
  })

  it('-R leads from a port there to one here, and tells the port where the host chose it', async () => {
    await using echo = await startEcho()
    const port = await freePort(host)
    const child = start(['run', '-R', `${port}:${host}:${echo.address.port}`, ...to(), ...waiting], {
      env,
      input: 'open',
    })
    await shows(child, /running/)
    expect(await ask({ host, port }, 'through')).toBe('through')
    child.stdin.end()
    expect(await ended(child)).toEqual({ stdout: '', stderr: '', exitCode: 0 })

    const { stderr } = await sallyport(['run', '-R', `0:${host}:1`, ...to(), 'true'], { env })
    expect(stderr).toMatch(/^sallyport: remote forward at localhost:\d+\n$/)
  })
})

describe('shell -N', () => {
  it('opens no shell, and stays until it is interrupted', async () => {
    await using echo = await startEcho()
    const [port, proxy] = [await freePort(host), await freePort(host)]
    const flags = ['-N', '-v', '-L', `${port}:${host}:${echo.address.port}`, '-D', `${proxy}`]
    const child = start(['shell', ...flags, ...to()], { env })
    const result = ended(child)
    await shows(child, /dynamic forward at 127\.0\.0\.1:\d+ listening/)
    expect(await ask({ host, port }, 'through')).toBe('through')
    // SOCKS 4: connect, port, address, no user.
    const toEcho = Buffer.from([4, 1, 0, 0, 127, 0, 0, 1, 0])
    toEcho.writeUInt16BE(echo.address.port, 2)
    const answer = await ask({ host, port: proxy }, Buffer.concat([toEcho, Buffer.from('by proxy')]))
    expect(answer.slice(0, 2)).toBe('\u0000\u005a')
    expect(answer.slice(8)).toBe('by proxy')
    child.kill('SIGINT')
    expect(await result).toMatchObject({ stdout: '', exitCode: 130 })
  })

  it('ends with 255 when the connection is lost', async () => {
    const child = start(['shell', '-N', '-v', ...to()], { env })
    const result = ended(child)
    await shows(child, /: open after/)
    sshd().killSessions()
    const { stderr, exitCode } = await result
    expect(exitCode).toBe(255)
    expect(stderr).toMatch(/^sallyport: error: /m)
  })
})

describe('shell -W', () => {
  it('joins standard input and output with a stream, without the forwards of the configuration', async () => {
    await using length = await startAnswering((all) => `got ${all.length}`)
    const port = await freePort(host)
    const config = home.write('stream', `Host *\n  LocalForward ${port} 127.0.0.1:1\n`)
    const flags = ['-F', config, '-v', '-W', `${host}:${length.address.port}`]
    const { stdout, stderr, exitCode } = await sallyport(['shell', ...flags, ...to()], {
      env,
      input: 'x'.repeat(500_000),
    })
    expect({ stdout, exitCode }).toEqual({ stdout: 'got 500000', exitCode: 0 })
    expect(stderr).not.toContain('local forward')
  })

  it('ends with the other side, as ssh does, though its input is open', async () => {
    await using farewell = await startService((socket) => socket.end('farewell'))
    const args = ['shell', '-W', `${host}:${farewell.address.port}`, ...to()]
    const child = start(args, { env, input: 'open' })
    expect(await ended(child)).toEqual({ stdout: 'farewell', stderr: '', exitCode: 0 })
  })
})
