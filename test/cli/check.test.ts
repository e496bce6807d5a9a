// `sallyport check` against chains of real sshd: what it shows of a route that works, and of one that does not.

import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Chain, startChain } from '../support/chain.js'
import { startRawServer } from '../support/raw-server.js'
import { freePort } from '../support/sshd.js'
import { ownHome } from './own-home.js'
import { ended, type ProgramResult, sallyport, start } from './program.js'

let chain: Chain
const { home, env } = ownHome()

/** The key files that `~/.ssh` has: each opens one of the servers. */
const keyNames = ['id_ed25519', 'id_ecdsa', 'id_rsa'] as const

beforeAll(async () => {
  chain = await startChain(3)
})
afterAll(() => chain[Symbol.asyncDispose]())

interface Known {
  /** The servers whose host keys are known, and those that a key opens. Default: all three. */
  readonly hosts?: readonly number[]
  readonly keys?: readonly number[]
}

/** What the user has: host keys of some of the servers, and keys to some of them. */
function provide({ hosts = [0, 1, 2], keys = [0, 1, 2] }: Known = {}): void {
  home.write('.ssh/known_hosts', hosts.map((index) => chain.at(index).knownHostsLine()).join(''))
  for (const [index, name] of keyNames.entries()) {
    const file = chain.at(keys.includes(index) ? index : (keys[0] ?? 0)).userKeyFile
    home.write(`.ssh/${name}`, readFileSync(file, 'utf8'))
  }
}

function address(index: number): string {
  const { user, host, port } = chain.at(index)
  return `${user}@${host}:${port}`
}

/** The arguments by which the last server is reached through the others. */
function throughAll(): readonly string[] {
  return ['-J', `${address(0)},${address(1)}`, address(2)]
}

interface Report {
  readonly version: number
  readonly host: string
  readonly works: boolean
  readonly durationMs: number
  readonly hops: readonly {
    readonly host: string
    readonly port: number
    readonly link: { readonly kind: string }
    readonly state: string
    readonly durationMs: number
    readonly phases: readonly ({ readonly phase: string; readonly outcome: string } & Record<
      string,
      unknown
    >)[]
  }[]
  readonly warnings: readonly { readonly hop?: number; readonly message: string }[]
  readonly error: (Record<string, unknown> & { readonly code: string; readonly hint: string }) | null
}

async function report(args: readonly string[]): Promise<Report & { readonly exitCode: number | null }> {
  const { stdout, exitCode } = await sallyport(['check', '--json', ...args], { env })
  return { ...(JSON.parse(stdout) as Report), exitCode }
}

/** The state of each hop, and what failed. */
function summary({ hops, error, exitCode }: Awaited<ReturnType<typeof report>>): unknown {
  const failed = hops.flatMap(({ phases }) => phases.filter(({ outcome }) => outcome === 'failed'))
  return [hops.map(({ state }) => state), failed.map(({ phase }) => phase), error?.code, exitCode]
}

describe('a route that works', () => {
  beforeAll(() => provide())

  it('is shown hop by hop, every phase with its time and what it found, and the exit code is 0', async () => {
    const { stdout, stderr, exitCode } = await sallyport(['check', ...throughAll()], { env })
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    const blocks = stdout.trimEnd().split(/\n(?=\d {2})/)
    expect(blocks).toHaveLength(3)
    for (const [index, block] of blocks.entries()) {
      const { host, hostKeyFingerprint, userKey } = chain.at(index)
      expect(block).toContain(host)
      for (const label of ['version', 'key exchange', 'host key', 'authentication', 'open']) {
        expect(block).toMatch(new RegExp(`^ {3}${label} +[\\d.]+ ms`, 'm'))
      }
      expect(block).toMatch(/version +[\d.]+ ms {2}OpenSSH_/)
      expect(block).toContain(`ssh-ed25519 ${hostKeyFingerprint}`)
      expect(block).toContain(`known by ~/.ssh/known_hosts:${index + 1}`)
      expect(block).toContain(`publickey ${userKey.fingerprint} (~/.ssh/${keyNames[index]}): accepted`)
    }
    expect(blocks[0]).toMatch(/name resolution +[\d.]+ ms {2}127\.[\d.]+\n {3}connect +[\d.]+ ms {2}127\./)
    expect(blocks[2]).toMatch(/channel +[\d.]+ ms {2}direct-tcpip/)
    expect(blocks[2]).toMatch(
      /\(~\/\.ssh\/id_ed25519\): refused\n.*id_ecdsa\): refused\n.*id_rsa\): accepted/,
    )
    expect(stdout).toMatch(/\nall 3 hops work, [\d.]+ ms\n$/)
  })

  it('was walked for real, once, and nothing was run at its end', async () => {
    const before = chain.passages()
    const lines = chain.at(2).log.lines().length
    await sallyport(['check', ...throughAll()], { env })
    expect(chain.passages()).toEqual(before.map((count) => count + 1))
    const told = chain.at(2).log.lines().slice(lines)
    expect(told.some(({ text }) => text.startsWith('Accepted '))).toBe(true)
    expect(told.some(({ text }) => /session request|Starting session/.test(text))).toBe(false)
  })

  it('is one JSON document with --json, with everything that the text has', async () => {
    const { version, host, works, hops, error, exitCode } = await report(throughAll())
    expect({ version, host, works, error, exitCode }).toEqual({
      version: 1,
      host: address(2),
      works: true,
      error: null,
      exitCode: 0,
    })
    expect(hops.map(({ link, state }) => [link.kind, state])).toEqual([
      ['tcp', 'open'],
      ['channel', 'open'],
      ['channel', 'open'],
    ])
    const rest = ['version', 'key-exchange', 'host-key', 'authentication']
    expect(hops[0]?.phases.map(({ phase }) => phase)).toEqual(['name-resolution', 'connect', ...rest])
    expect(hops[2]?.phases.map(({ phase }) => phase)).toEqual(['channel', ...rest])
    const [, , , hostKey, authentication] = hops[2]?.phases ?? []
    const { hostKeyFingerprint, userKey } = chain.at(2)
    expect(hostKey).toMatchObject({
      hostKey: {
        fingerprint: hostKeyFingerprint,
        by: 'known_hosts',
        known: [{ file: `${home.path}/.ssh/known_hosts`, line: 3 }],
      },
    })
    expect(authentication).toMatchObject({
      credentials: [
        { outcome: 'refused' },
        { outcome: 'refused' },
        { method: 'publickey', fingerprint: userKey.fingerprint, outcome: 'accepted' },
      ],
    })
    expect(hops[0]?.phases[3]).toMatchObject({
      algorithms: { kex: expect.any(String), cipher: expect.any(String), strictKex: true },
    })
  })

  it('may go through a ProxyCommand, whose process is shown', async () => {
    const { hops } = await report(['-o', 'ProxyCommand=nc %h %p', address(0)])
    expect(hops[0]).toMatchObject({ link: { kind: 'command', command: 'nc %h %p' }, state: 'open' })
    expect(hops[0]?.phases[0]).toMatchObject({ phase: 'command', to: expect.stringMatching(/^process \d+$/) })
  })

  it('tells what is unsafe on standard error, and in the JSON', async () => {
    provide({ hosts: [] })
    const flags = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null']
    const { stdout, stderr } = await sallyport(['check', '--json', ...flags, address(0)], { env })
    const { warnings, hops } = JSON.parse(stdout) as Report
    expect(warnings).toContainEqual({
      hop: 0,
      message: expect.stringContaining('accepted the unknown host key'),
    })
    expect(stderr).toMatch(/^sallyport: warning: .*accepted the unknown host key/m)
    expect(hops[0]?.phases[4]).toMatchObject({ hostKey: { by: 'strictHostKeyChecking', known: [] } })
    provide()
  })

  it.each([[], ['--json']])('each warning of it is told once, with %j', async (...flags) => {
    const weak = ['-o', 'CertificateFile=/none', '-o', 'StrictHostKeyChecking=accept-new']
    const { stdout, stderr, exitCode } = await sallyport(['check', ...flags, ...weak, address(0)], { env })
    expect(exitCode).toBe(0)
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^sallyport: warning: .*CertificateFile/),
      expect.stringMatching(/^sallyport: warning: .*accepted at the first connection/),
    ])
    if (flags.length === 0) return
    const { warnings } = JSON.parse(stdout) as Report
    expect(warnings.map(({ hop }) => hop)).toEqual([undefined, undefined])
  })
})

describe('a route that does not work', () => {
  const states = (failed: number, count = 3): readonly string[] =>
    Array.from({ length: count }, (_, i) => (i < failed ? 'open' : i === failed ? 'failed' : 'not reached'))

  it.each([0, 1, 2])(
    'an unknown host key at hop %i fails that hop, and the rest is not reached',
    async (index) => {
      provide({ hosts: [0, 1, 2].filter((other) => other !== index) })
      expect(summary(await report(throughAll()))).toEqual([
        states(index),
        ['host-key'],
        'HOST_KEY_UNKNOWN',
        255,
      ])
    },
  )

  it.each([0, 1, 2])('a key that hop %i refuses fails that hop, and names what was tried', async (index) => {
    provide({ keys: [0, 1, 2].filter((other) => other !== index) })
    const found = await report(throughAll())
    expect(summary(found)).toEqual([states(index), ['authentication'], 'AUTH_FAILED', 255])
    const credentials = found.hops[index]?.phases.at(-1)?.['credentials']
    expect(credentials).toMatchObject([{ outcome: 'refused' }, { outcome: 'refused' }])
  })

  it('a name without an address fails in the resolution of the name', async () => {
    const found = await report(['-J', 'nosuch.invalid', address(2)])
    expect(summary(found)).toEqual([states(0, 2), ['name-resolution'], 'NAME_NOT_FOUND', 255])
  })

  it('a port that nobody listens on fails in connecting, after the name was found', async () => {
    const found = await report([`127.0.0.1:${await freePort('127.0.0.1')}`])
    expect(summary(found)).toEqual([['failed'], ['connect'], 'CONNECTION_REFUSED', 255])
    expect(found.hops[0]?.phases[0]).toMatchObject({ phase: 'name-resolution', outcome: 'ok' })
  })

  it('a channel that a gateway refuses fails at the hop that it should have led to', async () => {
    provide()
    const found = await report(['-J', `${address(0)},${address(2)}`, address(1)])
    expect(summary(found)).toEqual([states(1), ['channel'], 'FORWARD_PROHIBITED', 255])
    expect(found.error?.hint).toMatch(/AllowTcpForwarding|PermitOpen/)
  })

  it('a server of another kind fails in the version', async () => {
    await using server = await startRawServer('HTTP/1.1 400 Bad Request\r\n\r\n')
    const [hops, phases, , exitCode] = summary(await report([`${server.host}:${server.port}`])) as unknown[]
    expect({ hops, phases, exitCode }).toEqual({ hops: ['failed'], phases: ['version'], exitCode: 255 })
  })

  it('algorithms without one in common fail in the key exchange', async () => {
    const found = await report(['-o', 'MACs=hmac-md5', '-o', 'Ciphers=aes128-ctr', address(0)])
    const [hops, phases, , exitCode] = summary(found) as unknown[]
    expect({ hops, phases, exitCode }).toEqual({ hops: ['failed'], phases: ['key-exchange'], exitCode: 255 })
  })

  it('a ProxyCommand that fails is named with what it said', async () => {
    const found = await report(['-o', 'ProxyCommand=echo no way >&2; exit 3', 'db.internal'])
    const [hops, , code, exitCode] = summary(found) as unknown[]
    expect({ hops, code, exitCode }).toEqual({
      hops: ['failed'],
      code: 'PROXY_COMMAND_FAILED',
      exitCode: 255,
    })
    expect(found.error?.['message']).toContain('no way')
  })

  it('says on standard output how far it came, and on standard error what is wrong and what to do', async () => {
    provide({ keys: [0, 2] })
    const { stdout, stderr, exitCode } = await sallyport(['check', ...throughAll()], { env })
    expect(exitCode).toBe(255)
    expect(stdout).toMatch(/^1 {2}.*\n {3}name resolution/)
    expect(stdout).toMatch(
      /\n {3}authentication +[\d.]+ ms {2}failed\n +publickey SHA256:\S+ \(~\/\.ssh\/id_/,
    )
    expect(stdout).toMatch(/\n3 {2}.*\n {3}not reached\n$/)
    const lines = stderr.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^sallyport: error: .*\(hop 2 of 3\): permission denied/)
    expect(lines.at(-1)).toMatch(/^hint: /)
    expect(lines.filter((line) => line.startsWith('tried: '))).toEqual([])
  })

  it('cannot be found: the JSON says so, without hops', async () => {
    const found = await report(['-J', 'a,b,a', 'c'])
    expect(found).toMatchObject({ works: false, hops: [], error: { code: 'GATEWAY_LOOP', hint: /remove/ } })
  })
})

describe('a signal', () => {
  /** Starts a check, and interrupts it once it, or a command of its files, has connected to a server that says nothing. */
  async function interrupted(
    argsFor: (address: { readonly host: string; readonly port: number }) => readonly string[],
  ): Promise<ProgramResult> {
    const connected = new EventEmitter()
    await using server = await startRawServer(() => connected.emit('peer'))
    const peer = once(connected, 'peer')
    const child = start(['check', ...argsFor(server)], { env })
    const end = ended(child)
    await peer
    child.kill('SIGINT')
    return await end
  }

  it.each([[], ['--json']])(
    'ends it: its exit code, no error, and no document that says that the route does not work, with %j',
    async (...flags) => {
      const result = await interrupted(({ host, port }) => [...flags, `${host}:${port}`])
      expect(result).toEqual({ stdout: expect.any(String), stderr: '', exitCode: 130 })
      if (flags.length > 0) expect(result.stdout).toBe('')
    },
  )

  it.each([[], ['--json']])('ends it at once while its route is looked up, with %j', async (...flags) => {
    let startedAt = Number.NaN
    const result = await interrupted(({ host, port }) => {
      startedAt = performance.now()
      return [...flags, '-F', home.write('slow', `Match exec "nc ${host} ${port}"\n  User x\n`), 'h']
    })
    expect(result).toEqual({ stdout: '', stderr: '', exitCode: 130 })
    // The command's own limit is ten seconds.
    expect(performance.now() - startedAt).toBeLessThan(8000)
  })
})
