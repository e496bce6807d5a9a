// What of a ProxyCommand outlives its connection: nothing, however stubborn it is and however the program ends.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection, type GatewayCommand, resolve } from '../../src/index.js'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { leakCheck } from '../support/leak-check.js'
import { childrenOf, descendantsOf, findStateOf, textOf } from '../support/proc.js'
import { bundleLibrary, type StartProgram } from '../support/program.js'
import { createUnixUser } from '../support/unix-user.js'

let network: Network
let server: { readonly host: string; readonly port: number }
let startProgram: StartProgram
beforeAll(async () => {
  network = await createNetwork({ hosts: { inner: { listen: true, users: { ops: { requires: [] } } } } })
  server = network.address('inner')
  startProgram = await bundleLibrary()
})
afterAll(() => network.close())

const by = (gateway: string | GatewayCommand): Connection =>
  new Connection(`ops@${server.host}:${server.port}`, { ...network.settings, gateway })
const script = (text: string): GatewayCommand => ({ command: ['/bin/sh', '-c', text, 'script', '%h', '%p'] })
/** Gone, or a zombie of somebody else's. */
const isDead = (pid: number): boolean => /^Z?$/.test(findStateOf(pid) ?? '')

describe('close', () => {
  leakCheck()

  test('ends after two seconds a command that ignores every wish, and leaves no zombie', async () => {
    const connection = by(script('trap "" HUP TERM; nc "$1" "$2"; sleep 60'))
    await connection.open()
    const pids = descendantsOf(process.pid)
    expect(pids.length).toBeGreaterThan(1)
    const begun = performance.now()
    await connection.close()
    expect(performance.now() - begun).toBeGreaterThan(1900)
    expect(performance.now() - begun).toBeLessThan(6000)
    expect(childrenOf('self')).toEqual([])
    await vi.waitFor(() => expect(pids.filter((pid) => !isDead(pid))).toEqual([]), { timeout: 5000 })
  })

  test('ends the children that a command started beside the connection', async () => {
    const connection = by(script('sleep 60 & sleep 61 & exec nc "$1" "$2"'))
    await connection.open()
    const pids = descendantsOf(process.pid)
    expect(pids).toHaveLength(3)
    await connection.close()
    await vi.waitFor(() => expect(pids.filter((pid) => !isDead(pid))).toEqual([]), { timeout: 5000 })
  })
})

describe('a command that ends while a child of it holds the stream open', () => {
  leakCheck()

  test('is a lost connection nevertheless, and the child is ended', async () => {
    await using connection = by(script('sleep 60 & exec nc "$1" "$2"'))
    await connection.open()
    const pids = descendantsOf(process.pid)
    expect(pids).toHaveLength(2)
    const { closed } = connection
    process.kill(childrenOf('self')[0] ?? 0, 'SIGTERM')
    const lost = { code: 'CONNECTION_LOST', phase: 'session', signal: 'SIGTERM' }
    expect(await closed).toMatchObject({ reason: 'lost', error: lost })
    await connection.close()
    await vi.waitFor(() => expect(pids.filter((pid) => !isDead(pid))).toEqual([]), { timeout: 5000 })
  })
})

describe('a terminal', () => {
  leakCheck()

  test('cannot interrupt a command, which is in a session of its own', async () => {
    await using connection = by('nc %h %p')
    await connection.open()
    const [pid = 0] = childrenOf('self')
    const [, , group, session] = textOf(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')
    expect([group, session]).toEqual([String(pid), String(pid)])
  })
})

describe('a program that ends with ProxyCommands under way', () => {
  leakCheck()

  // `sleep` reads nothing: the end of its input does not end it.
  const body = `
    const at = \`ops@\${given.host}:\${given.port}\`
    const by = (text) => new Connection(at, { ...given.settings, gateway: { command: ['/bin/sh', '-c', text] } })
    const connection = by(\`sleep 600 & exec nc \${given.host} \${given.port}\`)
    await connection.open()
    const child = await connection.spawn('cat')
    by('exec sleep 600').open().catch(() => {})
    setTimeout(() => console.log('ready'), 50)
    process.stdin.once('data', () => { END })`

  test.each<[string, string, object]>([
    ['process.exit', 'process.exit(3)', { code: 3, signal: null }],
    ['an error that nobody catches', 'throw new Error("mine")', { code: 1, signal: null }],
    ['a promise that nobody catches', 'void Promise.reject(new Error("mine"))', { code: 1, signal: null }],
    ['SIGTERM', 'process.kill(process.pid, "SIGTERM")', { code: null, signal: 'SIGTERM' }],
    ['SIGINT', 'process.kill(process.pid, "SIGINT")', { code: null, signal: 'SIGINT' }],
    ['SIGHUP', 'process.kill(process.pid, "SIGHUP")', { code: null, signal: 'SIGHUP' }],
  ])('by %s takes them with it', async (_, end, expected) => {
    const given = { ...server, settings: network.settings }
    await using program = startProgram(body.replace('END', end), { given })
    await program.stdout.waitFor(/^ready$/)
    const pids = descendantsOf(program.pid)
    expect(pids).toHaveLength(3)
    program.child.stdin.write('now\n')
    expect(await program.ended).toEqual(expected)
    await vi.waitFor(() => expect(pids.filter((pid) => !isDead(pid))).toEqual([]), { timeout: 2000 })
  })
})

describe('a program with 64 descriptors', () => {
  leakCheck()

  test('is told of the first command that cannot be started, keeps the others, and gets all back', async () => {
    const body = `
      import { execFileSync } from 'node:child_process'
      import { readdirSync } from 'node:fs'
      execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=64:64'])
      const at = \`ops@\${given.host}:\${given.port}\`
      const open = () => connect(at, { ...given.settings, gateway: 'nc %h %p' })
      const descriptors = () => readdirSync('/proc/self/fd').length
      await (await open()).close()
      const before = descriptors()
      const connections = []
      let error
      while (error === undefined) await open().then((c) => connections.push(c), (e) => { error = e })
      const { stdout } = await connections[0].run('hostname')
      await Promise.all(connections.map((c) => c.close()))
      await (await open()).close()
      const { name, code, phase, hop, cause } = error
      console.log(JSON.stringify({ name, code, phase, host: hop.host, why: cause.code, stdout,
        some: connections.length > 5, left: descriptors() - before }))`
    await using program = startProgram(body, { given: { ...server, settings: network.settings } })
    const [line] = await program.stdout.waitFor(/^\{.*\}$/, { timeoutMs: 20_000 })
    expect(JSON.parse(line)).toEqual({
      ...{ name: 'ProxyCommandError', code: 'PROXY_COMMAND_FAILED', phase: 'dial', why: 'EMFILE' },
      ...{ host: server.host, stdout: 'inner\n', some: true, left: 0 },
    })
    expect(await program.ended).toEqual({ code: 0, signal: null })
  })
})

describe('a program that may not start another process', () => {
  leakCheck()

  test('is told so by the first command that cannot be started, and gets all back', async () => {
    await using user = await createUnixUser()
    // Limits on processes do not bind root; Node's own threads count.
    const body = `
      import { execFileSync } from 'node:child_process'
      const open = () => connect(\`ops@\${given.host}:\${given.port}\`, {
        identityFile: [], identityAgent: 'none', userKnownHostsFile: [], globalKnownHostsFile: [],
        verifyHostKey: () => 'accept', gateway: { command: ['nc', '%h', '%p'] } })
      execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=30:30'])
      process.setgid(given.user)
      process.setuid(given.user)
      const connections = []
      let error
      while (error === undefined) await open().then((c) => connections.push(c), (e) => { error = e })
      await Promise.all(connections.map((c) => c.close()))
      await (await open()).close()
      const { code, phase, cause } = error
      console.log(JSON.stringify({ code, phase, why: cause.code, some: connections.length > 5 }))`
    await using program = startProgram(body, { given: { ...server, user: user.name } })
    const [line] = await program.stdout.waitFor(/^\{.*\}$/, { timeoutMs: 20_000 })
    const expected = { code: 'PROXY_COMMAND_FAILED', phase: 'dial', why: 'EAGAIN', some: true }
    expect(JSON.parse(line)).toEqual(expected)
    expect(await program.ended).toEqual({ code: 0, signal: null })
  })
})

describe('a thousand ProxyCommands, one after the other,', () => {
  leakCheck()

  // One of four connects, which takes a handshake; the others end early, as most do that ever fail.
  const ways = ['nc %h %p', 'exit 1', 'echo no ssh here', 'printf "SSH-2.0-x\\r\\n"']

  test('leave no descriptor, no process and no memory behind', { timeout: 90_000 }, async () => {
    const resident: number[] = []
    for (let round = 0; round < 1000; round++) {
      const connection = by(ways[round % ways.length] ?? '')
      const opened = await connection.open().then(
        () => true,
        () => false,
      )
      expect(opened).toBe(round % ways.length === 0)
      await connection.close()
      if (round % 250 !== 249) continue
      globalThis.gc?.()
      resident.push(process.memoryUsage.rss())
    }
    const [, warm = 0, , end = 0] = resident
    expect(end / warm).toBeLessThan(1.05)
    expect(childrenOf('self')).toEqual([])
  })
})

describe('ProxyUseFdpass', () => {
  test('is refused by name, not ignored', async () => {
    const refused = expect.objectContaining({ name: 'ConfigError', code: 'UNSUPPORTED_OPTION' })
    const sshOptions = ['ProxyUseFdpass=yes', 'ProxyCommand=nc %h %p']
    await expect(resolve('inner', { sshOptions })).rejects.toThrow(refused)
    const options = { gateway: 'nc %h %p', proxyUseFdpass: true }
    expect(() => new Connection('inner', options)).toThrow(/proxyUseFdpass/)
  })
})
