// `sallyport forward`: what it tells without a terminal, to programs, and on a terminal.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { client, type Service, startService } from '../support/peers.js'
import { freePort } from '../support/sshd.js'
import { ask, ownServer, shows } from './own-server.js'
import { ended, sallyport, start, Terminal } from './program.js'

const { sshd, home, env, to } = ownServer()

const host = '127.0.0.1'
const startEcho = (): Promise<Service> => startService((socket) => socket.pipe(socket))

describe('without a terminal', () => {
  it('a line tells each thing that happens, and an interruption ends all', async () => {
    await using echo = await startEcho()
    const [port, refusing] = [await freePort(host), await freePort(host)]
    const way = `${host}:${port}:${host}:${echo.address.port}`
    const child = start(['forward', '-L', way, '-L', `${host}:${refusing}:${host}:1`, ...to()], { env })
    const result = ended(child)
    await shows(child, /:1: listening/)
    expect(await ask({ host, port }, 'some words')).toBe('some words')
    await shows(child, /closed after/)
    client({ host, port: refusing })
    await shows(child, /refused/)
    child.kill('SIGINT')
    const { stdout, stderr, exitCode } = await result
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 130 })
    const ours = `local ${host}:${port} → ${host}:${echo.address.port}: `
    const others = `local ${host}:${refusing} → ${host}:1: `
    expect(stdout.split('\n')).toEqual([
      `${ours}listening`,
      `${others}listening`,
      expect.stringMatching(/: connection 1 from 127\.0\.0\.1:\d+ open$/),
      expect.stringMatching(/: connection 1 from \S+ closed after \d+\.\d s, 10 B sent, 10 B received$/),
      expect.stringMatching(/: connection 1 from \S+ refused: .*Connection refused$/),
      expect.stringMatching(/: closed$/),
      expect.stringMatching(/: closed$/),
      '',
    ])
  })

  it('--json tells the same to programs', async () => {
    await using echo = await startEcho()
    const port = await freePort(host)
    const flags = ['--json', '-L', `${host}:${port}:${host}:${echo.address.port}`, '-R', '0']
    const child = start(['forward', ...flags, ...to()], { env })
    const result = ended(child)
    await shows(child, /"remote"/)
    await ask({ host, port }, 'words')
    await shows(child, /"connection closed"/)
    child.kill('SIGTERM')
    const { stdout, exitCode } = await result
    expect(exitCode).toBe(143)
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const local = {
      kind: 'local',
      listens: [`${host}:${port}`],
      leadsTo: `${host}:${echo.address.port}`,
    }
    expect(documents.slice(0, 4)).toEqual([
      { ...local, event: 'listening' },
      { event: 'listening', kind: 'remote', listens: [expect.stringMatching(/^localhost:\d+$/)] },
      { ...local, event: 'connection', connection: { id: 1, from: expect.any(String), to: local.leadsTo } },
      {
        ...local,
        event: 'connection closed',
        connection: expect.objectContaining({ id: 1, bytesSent: 5, bytesReceived: 5 }),
      },
    ])
    expect(documents.slice(4).map(({ event }) => event)).toEqual(['closed', 'closed'])
  })

  it('a lost connection is opened again by the next client', async () => {
    await using echo = await startEcho()
    const port = await freePort(host)
    const child = start(['forward', '-L', `${host}:${port}:${host}:${echo.address.port}`, ...to()], { env })
    const result = ended(child)
    await shows(child, /listening/)
    const held = client({ host, port })
    await shows(child, / open/)
    sshd().killSessions()
    await shows(child, /closed after .*: .*closed by the other side/)
    held.destroy()
    expect(await ask({ host, port }, 'again')).toBe('again')
    child.kill('SIGINT')
    expect((await result).exitCode).toBe(130)
  })

  it.each([
    { what: 'nothing to forward', flags: [], code: 2, says: /nothing to forward\nhint: give -L/ },
    { what: 'no forward that could be opened', flags: ['-R', '127.0.0.1:1:a:1'], code: 255, says: /none of/ },
  ])('with $what it ends', async ({ flags, code, says }) => {
    const strict = ['-F', home.write('none', 'Host *\n')]
    const taken = code === 255 ? ['-L', `${sshd().host}:${sshd().port}:a:1`] : flags
    const { stdout, stderr, exitCode } = await sallyport(['forward', ...strict, ...taken, ...to()], { env })
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: code })
    expect(stderr).toMatch(says)
  })
})

describe('on a terminal', () => {
  it('a line lives for each forward, news stand above, and nothing of it is left in the terminal', async () => {
    await using echo = await startEcho()
    const [port, refusing] = [await freePort(host), await freePort(host)]
    const flags = [
      '-L',
      `${host}:${port}:${host}:${echo.address.port}`,
      '-L',
      `${host}:${refusing}:${host}:1`,
    ]
    const run = `$sallyport forward ${[...flags, ...to()].join(' ')}`
    const before = `trap : INT; stty rows 24 cols 120; stty -a >${home.path}/before`
    const text = `${before}; ${run}; code=$?; stty -a >${home.path}/after; echo "code $code"`
    await using terminal = new Terminal(text, env)
    await terminal.shows(/0 open of 0 .*0 B\/s/)
    const socket = client({ host, port })
    await once(socket, 'connect')
    socket.write('12345')
    await terminal.shows(/1 open of 1 .*↑ 5 B .*↓ 5 B/)
    client({ host, port: refusing })
    await terminal.shows(/refused: .*Connection refused/)
    await terminal.shows(/0 open of 1, 1 refused/)
    terminal.type('\u0003')
    await terminal.shows(/code 130/)
    socket.destroy()
    expect(terminal.shown).toMatch(/closed of 1 /)
    // Nothing but moving up, erasing and colours: no mode was changed.
    expect(terminal.shown.replace(/\u001b\[\??\d*[ABGJKhlm]/g, '')).not.toContain('\u001b')
    const [old, now] = ['before', 'after'].map((name) => readFileSync(`${home.path}/${name}`, 'utf8'))
    expect(now).toBe(old)
  })
})
