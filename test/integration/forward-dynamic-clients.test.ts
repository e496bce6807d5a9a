// Dynamic forwards through a gateway, on real servers, as the programs see them that people have: curl, nc, and npm’s socks.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { SocksClient } from 'socks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Forward } from '../../src/forward/forward.js'
import { type DynamicForwardRequest, forwardDynamic } from '../../src/forward/forward-dynamic.js'
import { type Ended, runProgram } from '../docs/run-program.js'
import { startForwardingChain, type WayIn, wayThrough } from '../support/acquire-through.js'
import type { Chain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { receive, type Service, startService } from '../support/peers.js'
import { scratchDir } from '../support/run-dir.js'
import { freePort } from '../support/sshd.js'

const auth = { user: 'ann', password: 'correct horse' }

let chain: Chain
let way: WayIn
let echo: Service
let http: Server
let https: Server
let open: Forward
let closed: Forward
beforeAll(async () => {
  chain = await startForwardingChain(2)
  way = await wayThrough(chain)
  echo = await startService((socket) => void socket.pipe(socket))
  const directory = scratchDir('web')
  const [keyFile, certFile] = [join(directory, 'key'), join(directory, 'cert')]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
      .concat(['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'])
      .concat(['-keyout', keyFile, '-out', certFile]),
    { stdio: 'ignore' },
  )
  http = createHttpServer((_, response) => response.end('plain\n'))
  https = createHttpsServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, (_, response) =>
    response.end('secure\n'),
  )
  for (const server of [http, https]) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  open = await forward()
  closed = await forward({ auth })
})
afterAll(async () => {
  for (const forward of [open, closed]) await forward.close()
  for (const server of [http, https]) {
    server.close()
    await once(server, 'close')
  }
  await echo[Symbol.asyncDispose]()
  await way[Symbol.asyncDispose]()
  await chain[Symbol.asyncDispose]()
})

const forward = (request: DynamicForwardRequest = {}): Promise<Forward> =>
  forwardDynamic(way.acquire, request)
const portOf = (forward: Forward): number => ('port' in forward.address ? forward.address.port : 0)
const proxyOf = (forward: Forward): string => `127.0.0.1:${portOf(forward)}`
const urlOf = (server: Server, host = 'localhost'): string =>
  `http${server === https ? 's' : ''}://${host}:${(server.address() as AddressInfo).port}/`

function curl(...args: readonly string[]): Promise<Ended> {
  return runProgram('curl', ['--silent', '--show-error', '--insecure', '--noproxy', '', ...args])
}

describe('curl', () => {
  leakCheck()

  test.each([
    ['--socks4', () => urlOf(http, '127.0.0.1')],
    ['--socks4a', () => urlOf(http)],
    ['--socks5', () => urlOf(http, '127.0.0.1')],
    ['--socks5-hostname', () => urlOf(http)],
    ['--socks5-hostname', () => urlOf(http, '127.0.0.1')],
  ])('gets a page by %s', async (option, url) => {
    expect(await curl(option, proxyOf(open), url())).toMatchObject({ exitCode: 0, stdout: 'plain\n' })
  })

  test('gets pages by CONNECT, plain and with TLS inside', async () => {
    const proxy = ['--proxytunnel', '--proxy', `http://${proxyOf(open)}`]
    expect(await curl(...proxy, urlOf(http))).toMatchObject({ exitCode: 0, stdout: 'plain\n' })
    expect(await curl(...proxy, urlOf(https))).toMatchObject({ exitCode: 0, stdout: 'secure\n' })
  })

  test.each([
    ['SOCKS 5', '--socks5-hostname', ''],
    ['CONNECT', '--proxy', 'http://'],
  ])('logs in by %s, and is turned away with a wrong password or none', async (_, option, scheme) => {
    const proxy = [option, `${scheme}${proxyOf(closed)}`, '--proxytunnel']
    const right = await curl(...proxy, '--proxy-user', 'ann:correct horse', urlOf(https))
    expect(right).toMatchObject({ exitCode: 0, stdout: 'secure\n' })
    for (const login of [['--proxy-user', 'ann:wrong'], []]) {
      const { exitCode, stdout, stderr } = await curl(...proxy, ...login, urlOf(https))
      expect({ failed: exitCode !== 0, stdout }).toEqual({ failed: true, stdout: '' })
      expect(stderr).toMatch(/407|User was rejected|No authentication method was acceptable/)
    }
  })

  test('is refused by SOCKS 4 where it has to log in, which that cannot', async () => {
    const { exitCode, stderr } = await curl('--socks4a', `ann@${proxyOf(closed)}`, urlOf(http))
    expect(exitCode).not.toBe(0)
    expect(stderr).toMatch(/request rejected or failed/)
  })

  test('is told what a port is that nobody listens on, by each protocol', async () => {
    const url = `http://127.0.0.1:${await freePort('127.0.0.1')}/`
    const told = async (...args: readonly string[]) => (await curl(...args, url)).stderr
    expect(await told('--socks5', proxyOf(open))).toMatch(/\(5\)/)
    expect(await told('--socks4', proxyOf(open))).toMatch(/request rejected or failed/)
    expect(await told('--proxytunnel', '--proxy', `http://${proxyOf(open)}`)).toMatch(/502/)
  })

  test('that asks it for a page instead of a tunnel is told that there is none', async () => {
    const { stdout } = await curl(
      '--write-out',
      '%{http_code}',
      '--proxy',
      `http://${proxyOf(open)}`,
      urlOf(http),
    )
    expect(stdout).toBe('this proxy opens tunnels by CONNECT, and serves no other method\n405')
    expect((await curl(`http://${proxyOf(open)}/`)).stdout).toMatch(/^this proxy opens tunnels/)
  })
})

describe('nc', () => {
  leakCheck()

  const nc = (protocol: string, host: string, port: number): Promise<Ended> =>
    runProgram('nc', ['-N', '-X', protocol, '-x', proxyOf(open), host, String(port)], { input: 'hello\n' })

  test.each(['4', '5', 'connect'])('sends, ends, and still gets its answer by -X %s', async (protocol) => {
    expect(await nc(protocol, '127.0.0.1', echo.address.port)).toMatchObject({
      exitCode: 0,
      stdout: 'hello\n',
    })
  })

  test.each([
    ['4', /Request rejected or failed/],
    ['5', /Connection refused/i],
    ['connect', /502/],
  ])('is refused with a word by -X %s', async (protocol, word) => {
    const { exitCode, stderr } = await nc(protocol, '127.0.0.1', await freePort('127.0.0.1'))
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(word)
  })
})

// No check for leaks: it leaves a timer of its own behind, which runs for 30 s and keeps nothing alive.
describe('the socks client of npm', () => {
  const connect = (via: Forward, type: 4 | 5, host: string, login: object = {}) =>
    SocksClient.createConnection({
      proxy: { host: '127.0.0.1', port: portOf(via), type, ...login },
      command: 'connect',
      destination: { host, port: echo.address.port },
    })

  test.each([
    [4, '127.0.0.1'],
    [4, 'localhost'],
    [5, '127.0.0.1'],
    [5, 'localhost'],
    [5, '::ffff:127.0.0.1'],
  ] as const)('speaks with the far side by SOCKS %d, of %s', async (type, host) => {
    const { socket } = await connect(open, type, host)
    socket.end('hello')
    expect(String((await receive(socket)).bytes)).toBe('hello')
  })

  test('logs in with the right password only', async () => {
    const { socket } = await connect(closed, 5, 'localhost', { userId: 'ann', password: 'correct horse' })
    socket.end('hello')
    expect(String((await receive(socket)).bytes)).toBe('hello')
    const wrong = connect(closed, 5, 'localhost', { userId: 'ann', password: 'wrong' })
    await expect(wrong).rejects.toThrow('Socks5 Authentication failed')
  })
})
