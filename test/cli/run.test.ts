// `sallyport run` against real sshd: what goes in, what comes out, and how it ends.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Chain, startChain } from '../support/chain.js'
import { descendantsOf, findStateOf } from '../support/proc.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { type TempHome, tempHome } from '../support/temp-home.js'
import { ended, quietServer, sallyport, start } from './program.js'

let home: TempHome
let sshd: Sshd
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  home = tempHome()
  sshd = await startSshd({ config: quietServer(home.path) })
  home.write('.ssh/known_hosts', sshd.knownHostsLine())
  env = { HOME: home.path, SSH_AUTH_SOCK: '' }
})

afterAll(async () => {
  await sshd.stop()
  home[Symbol.dispose]()
})

/** The flags and the host by which the server is reached. */
function to(server: Sshd = sshd): readonly string[] {
  return ['-i', server.userKeyFile, '-p', String(server.port), `${server.user}@${server.host}`]
}

describe('what comes out', () => {
  it("is the command's: stdout, stderr and the exit code, apart", async () => {
    const result = await sallyport(['run', ...to(), '--', 'echo out; echo err >&2; exit 3'], { env })
    expect(result).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 3 })
  })

  it('is every byte as it was, also of much output', async () => {
    const text = 'head -c 3000000 /dev/urandom | tee /dev/stderr | sha256sum'
    const child = start(['run', ...to(), '--', text], { env })
    const hash = createHash('sha256')
    child.stderr.on('data', (chunk: Buffer) => hash.update(chunk))
    const { stdout, exitCode } = await ended(child)
    expect({ stdout, exitCode }).toEqual({ stdout: `${hash.digest('hex')}  -\n`, exitCode: 0 })
  })

  it('words after the host are one text for the remote shell, joined by blanks', async () => {
    const result = await sallyport(['run', ...to(), 'printf', '%s,', 'a b', '"c d"'], { env })
    expect(result).toEqual({ stdout: 'a,b,c d,', stderr: '', exitCode: 0 })
  })

  it('with -v each phase and its time is told on stderr, and stdout is still the command\u2019s alone', async () => {
    const { stdout, stderr, exitCode } = await sallyport(['run', '-v', ...to(), '--', 'echo out'], { env })
    expect({ stdout, exitCode }).toEqual({ stdout: 'out\n', exitCode: 0 })
    const lines = stderr.trimEnd().split('\n')
    for (const phase of ['dial', 'version', 'key-exchange', 'host-key', 'authentication']) {
      const line = new RegExp(`^sallyport: ${sshd.host}: ${phase} [\\d.]+ ms( \\(.+\\))?$`)
      expect(lines).toContainEqual(expect.stringMatching(line))
    }
    expect(lines).toContainEqual(expect.stringContaining(sshd.hostKeyFingerprint))
    expect(lines).toContainEqual(expect.stringMatching(/: open after [\d.]+ ms$/))
    expect(lines.filter((line) => !line.startsWith('sallyport: '))).toEqual([])
    expect(stderr).not.toContain(': command ')
  })

  it.each([
    [['-A'], 'SSH_AUTH_SOCK is not set'],
    [['-o', 'ForwardAgent=yes', '-o', 'IdentityAgent=none'], 'identityAgent is none'],
  ])('with %j and no agent that is said, and the command runs', async (flags, why) => {
    const { stdout, stderr, exitCode } = await sallyport(['run', ...flags, ...to(), '--', 'echo out'], {
      env,
    })
    expect({ stdout, exitCode }).toEqual({ stdout: 'out\n', exitCode: 0 })
    expect(stderr).toBe(`sallyport: warning: ${sshd.host}: there is no agent to forward: ${why}\n`)
  })

  it('with -vv channels are told, too, and the command is not', async () => {
    const { stderr } = await sallyport(['run', '-vv', ...to(), '--', 'echo not-told'], { env })
    expect(stderr).toMatch(/: command open after/)
    expect(stderr).toMatch(/: command closed after/)
    expect(stderr).not.toContain('not-told')
  })

  it('a reader that goes away ends the command quietly', async () => {
    const child = start(['run', ...to(), '--', 'echo $$; exec yes'], { env })
    const [first] = (await once(child.stdout, 'data')) as [Buffer]
    child.stdout.destroy()
    const { stderr, exitCode } = await ended(child)
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 141 })
    await gone(Number.parseInt(first.toString(), 10))
  })

  it('nobody who reads stderr any more takes nothing from it', async () => {
    const text = 'read -r go; echo err >&2; echo out; exit 3'
    const child = start(['run', '-v', ...to(), '--', text], { env, input: 'open' })
    await once(child.stderr, 'data')
    child.stderr.destroy()
    child.stdin.write('go\n')
    const { stdout, exitCode } = await ended(child)
    expect({ stdout, exitCode }).toEqual({ stdout: 'out\n', exitCode: 3 })
  })

  it('a command that was ended by a signal has no exit code: 255, and the signal is named', async () => {
    const { stderr, exitCode } = await sallyport(['run', ...to(), '--', 'kill -KILL $$'], { env })
    expect(exitCode).toBe(255)
    expect(stderr).toMatch(/^sallyport: error: .*the command was ended by (SIG)?KILL\nhint: /)
  })
})

describe('what goes in', () => {
  it('is standard input, streamed, every byte', async () => {
    const input = Buffer.alloc(5_000_000, 'some input\n')
    const result = await sallyport(['run', ...to(), '--', 'wc -c'], { env, input })
    expect(result).toEqual({ stdout: '5000000\n', stderr: '', exitCode: 0 })
  })

  it('goes on while output comes back', async () => {
    const child = start(['run', ...to(), '--', 'cat'], { env, input: 'open' })
    for (const line of ['one\n', 'two\n']) {
      child.stdin.write(line)
      expect(String(await once(child.stdout, 'data'))).toBe(line)
    }
    child.stdin.end()
    expect((await ended(child)).exitCode).toBe(0)
  })

  it('need not be read, and input that stays open keeps nobody waiting', async () => {
    const input = Buffer.alloc(20_000_000)
    expect((await sallyport(['run', ...to(), '--', 'exit 4'], { env, input })).exitCode).toBe(4)
    expect((await sallyport(['run', ...to(), '--', 'exit 5'], { env, input: 'open' })).exitCode).toBe(5)
  })

  it('is nothing with -n', async () => {
    const result = await sallyport(['run', '-n', ...to(), '--', 'wc -c'], { env, input: 'something' })
    expect(result).toEqual({ stdout: '0\n', stderr: '', exitCode: 0 })
  })
})

describe('the way', () => {
  let chain: Chain

  beforeAll(async () => {
    chain = await startChain(3, () => ({ userKey: sshd.userKey, config: [`SetEnv HOME=${home.path}`] }))
    home.write('.ssh/known_hosts', sshd.knownHostsLine() + chain.knownHosts())
    home.write('.ssh/id_ed25519', readFileSync(sshd.userKeyFile, 'utf8'))
  })

  afterAll(() => chain[Symbol.asyncDispose]())

  it('-J goes through each gateway in turn, and -v names each hop', async () => {
    const [first, second] = chain.sshds.map(({ user, host, port }) => `${user}@${host}:${port}`)
    const args = ['run', '-v', '-J', `${first},${second}`, ...to(chain.at(2)), '--', 'echo $SSH_CONNECTION']
    const { stdout, stderr, exitCode } = await sallyport(args, { env })
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(` ${chain.at(2).host} ${chain.at(2).port}\n`)
    expect(chain.passages()).toEqual([1, 1])
    for (const [index, { host }] of chain.sshds.entries()) {
      expect(stderr).toContain(`sallyport: ${host} (hop ${index + 1} of 3): authentication `)
    }
  })

  it('-o ProxyCommand goes through a command', async () => {
    const command = ['-o', 'ProxyCommand=nc %h %p', '-v']
    const { stdout, stderr, exitCode } = await sallyport(['run', ...command, ...to(), 'echo through'], {
      env,
    })
    expect({ stdout, exitCode }).toEqual({ stdout: 'through\n', exitCode: 0 })
    expect(stderr).toMatch(/: dial [\d.]+ ms \(process \d+\)/)
  })

  it('-l and -p win over the host, and -o sets what -i and -p set', async () => {
    const key = ['-o', `IdentityFile=${sshd.userKeyFile}`, '-o', `Port ${sshd.port}`]
    const args = ['run', ...key, '-l', sshd.user, `nobody@${sshd.host}:1`, 'echo in']
    expect(await sallyport(args, { env })).toEqual({ stdout: 'in\n', stderr: '', exitCode: 0 })
  })

  it('an unknown gateway is refused before the target is asked for, and named', async () => {
    await using stranger = await startSshd({ userKey: sshd.userKey })
    const jump = `${stranger.user}@${stranger.host}:${stranger.port}`
    const { stdout, stderr, exitCode } = await sallyport(['run', '-J', jump, ...to(), 'true'], { env })
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 255 })
    expect(stderr).toMatch(/^sallyport: error: \S+ \(hop 1 of 2\): no host key is known for /)
    expect(stderr).toContain(stranger.hostKeyFingerprint)
    expect(stranger.connections()).toEqual([])
  })

  it('a key that is not accepted: what was tried, and what is allowed', async () => {
    await using other = await startSshd({ config: ['PasswordAuthentication no'] })
    const knownHosts = home.write('other', other.knownHostsLine())
    const flags = ['-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'IdentitiesOnly=yes']
    const wrong = ['-i', sshd.userKeyFile, '-p', String(other.port), `${other.user}@${other.host}`]
    const { stderr, exitCode } = await sallyport(['run', ...flags, ...wrong, 'true'], { env })
    expect(exitCode).toBe(255)
    expect(stderr).toContain(`tried: publickey ${sshd.userKey.fingerprint} (${sshd.userKeyFile}): refused\n`)
    expect(stderr).toMatch(/^allowed: publickey$/m)
    expect(stderr).toMatch(/^hint: /m)
  })
})

describe('an interruption', () => {
  // A command that reads its input: without a terminal, sshd ends no command whose channel has closed.
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s ends all: the command, the ProxyCommand, and with %i', async (signal, code) => {
    const proxy = ['-o', 'ProxyCommand=nc %h %p']
    const child = start(['run', ...proxy, ...to(), '--', 'echo $$; exec cat'], { env, input: 'open' })
    const [remote] = (await once(child.stdout, 'data')) as [Buffer]
    const children = descendantsOf(child.pid ?? 0)
    expect(children.length).toBeGreaterThan(0)
    child.kill(signal)
    expect(await ended(child)).toMatchObject({ stdout: '', stderr: '', exitCode: code })
    for (const pid of [...children, Number.parseInt(remote.toString(), 10)]) await gone(pid)
  })

  it('while a hop is being opened ends at once', async () => {
    const proxy = ['-o', 'ProxyCommand=exec sleep 60']
    const child = start(['run', '-v', ...proxy, ...to(), '--', 'true'], { env })
    await once(child.stderr, 'data')
    const begun = performance.now()
    child.kill('SIGTERM')
    expect((await ended(child)).exitCode).toBe(143)
    expect(performance.now() - begun).toBeLessThan(4000)
  })
})

/** The process ends soon; the server may need a moment to notice that its channel has gone. */
async function gone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(0)
  while (findStateOf(pid) !== undefined && findStateOf(pid) !== 'Z') await delay(20)
}
