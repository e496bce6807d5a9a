// What happens at a terminal: questions, which name the hop and hide secrets, shells, and a terminal given back.

import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { assertNoCanary, canary } from '../support/canary.js'
import { startSshd } from '../support/sshd.js'
import { type TempHome, tempHome } from '../support/temp-home.js'
import { quietServer, sallyport, Terminal } from './program.js'

let home: TempHome

beforeEach(() => {
  home = tempHome()
  return () => home[Symbol.dispose]()
})

const env = (): NodeJS.ProcessEnv => ({ HOME: home.path, SSH_AUTH_SOCK: '' })

/** A listening gateway and a host behind it, each with its own password. */
function passwordNetwork(passwords: { readonly gw: string; readonly db: string }): Promise<Network> {
  return createNetwork({
    hosts: {
      gw: { listen: true, reaches: ['db'], users: { ops: { password: passwords.gw } } },
      db: { users: { ops: { password: passwords.db } } },
    },
  })
}

function gateway(network: Network): string {
  const { host, port } = network.address('gw')
  return `ops@${host}:${port}`
}

describe('a question', () => {
  it('is asked for each hop, names it, and hides what is typed; the answer shows up nowhere', async () => {
    const passwords = { gw: canary(), db: canary() }
    await using network = await passwordNetwork(passwords)
    const output = `${home.path}/output`
    const text = `$sallyport run -vv -J ${gateway(network)} ops@db -- hostname >${output}`
    await using terminal = new Terminal(text, env())
    await terminal.shows(/^127\.0\.0\.1 \(hop 1 of 2\): no host key is known for/m)
    await terminal.shows(/\(yes\/no\/the fingerprint\)\? /)
    terminal.type('yes\r')
    await terminal.shows(/ops@127\.0\.0\.1 \(hop 1 of 2\)'s password: $/)
    terminal.type(`${passwords.gw}x\u007f\r`)
    await terminal.shows(/db \(hop 2 of 2\): no host key is known for 'db', reached through 127\.0\.0\.1/)
    await terminal.shows(/db[^?]*\(yes\/no\/the fingerprint\)\? $/)
    terminal.type('yes\r')
    await terminal.shows(/ops@db \(hop 2 of 2\)'s password: $/)
    terminal.type(`wrong\u0015${passwords.db}\r`)
    expect(await terminal.end()).toBe(0)
    expect(readFileSync(output, 'utf8')).toBe('db\n')
    assertNoCanary(terminal.shown, 'the terminal')
    for (const file of ['output', '.ssh/known_hosts']) assertNoCanary(readFileSync(`${home.path}/${file}`))
    expect(readFileSync(home.ssh('known_hosts'), 'utf8').trimEnd().split('\n')).toHaveLength(2)
    for (const [name, password] of Object.entries(passwords)) {
      const tried = network
        .host(name)
        .log.flatMap((record) => ('password' in record ? [record.password] : []))
      expect(tried).toEqual([password])
    }
  })

  it('is asked at the terminal also when standard input is a pipe, which stays the command\u2019s', async () => {
    const password = canary()
    await using network = await passwordNetwork({ gw: password, db: 'unused' })
    home.write('.ssh/known_hosts', network.knownHosts)
    const { host, port } = network.address('gw')
    const text = `echo piped | $sallyport run -p ${port} ops@${host} -- cat`
    await using terminal = new Terminal(text, env())
    await terminal.shows(/password: $/)
    terminal.type(`${password}\r`)
    await terminal.shows(/piped\r?\n/)
    expect(await terminal.end()).toBe(0)
  })

  it('that is asked again says that the first answer was not accepted', async () => {
    const password = canary()
    await using network = await passwordNetwork({ gw: password, db: 'unused' })
    home.write('.ssh/known_hosts', network.knownHosts)
    const { host, port } = network.address('gw')
    await using terminal = new Terminal(`$sallyport run -p ${port} ops@${host} -- hostname`, env())
    await terminal.shows(/password: $/)
    expect(terminal.shown).not.toContain('not accepted')
    terminal.type('wrong\r')
    await terminal.shows(/^not accepted, try again\r?\nops@.*'s password: $/m)
    terminal.type(`${password}\r`)
    await terminal.shows(/^gw\r?\n/m)
    expect(await terminal.end()).toBe(0)
  })

  it('that is answered with Ctrl-C ends all with 130, and the terminal is as before', async () => {
    await using network = await passwordNetwork({ gw: 'never given', db: 'unused' })
    home.write('.ssh/known_hosts', network.knownHosts)
    const { host, port } = network.address('gw')
    const run = `$sallyport run -p ${port} ops@${host} -- true`
    const text = `stty -a >${home.path}/before; ${run}; echo code $?; stty -a >${home.path}/after`
    await using terminal = new Terminal(text, env())
    await terminal.shows(/password: $/)
    terminal.type('half a pass\u0003')
    await terminal.shows(/code 130/)
    expect(await terminal.end()).toBe(0)
    expect(terminal.shown.match(/password: /g)).toHaveLength(1)
    expect(terminal.shown).not.toMatch(/half|error/)
    const [before, after] = ['before', 'after'].map((name) => readFileSync(`${home.path}/${name}`, 'utf8'))
    expect(before).toMatch(/ echo /)
    expect(after).toBe(before)
  })

  it('about a host key can be interrupted, and refused, and refusing keeps the key unknown', async () => {
    await using network = await passwordNetwork({ gw: 'unused', db: 'unused' })
    const { host, port } = network.address('gw')
    // The terminal sends SIGINT to the shell, too.
    const text = `trap : INT; $sallyport run -p ${port} ops@${host} -- true; echo code $?`
    await using interrupted = new Terminal(text, env())
    await interrupted.shows(/fingerprint\)\? $/)
    interrupted.type('\u0003')
    await interrupted.shows(/code 130/)

    await using refused = new Terminal(text, env())
    await refused.shows(/fingerprint\)\? $/)
    refused.type('no\r')
    await refused.shows(/sallyport: error: 127\.0\.0\.1: /)
    await refused.shows(/code 255/)
    expect(() => readFileSync(home.ssh('known_hosts'))).toThrow('ENOENT')
    expect(network.host('gw').log.some(({ event }) => event === 'authentication')).toBe(false)
  })

  it('is not asked without a terminal: an unknown key is refused, and nothing waits', async () => {
    await using network = await passwordNetwork({ gw: 'unused', db: 'unused' })
    const { host, port } = network.address('gw')
    const result = await sallyport(['run', '-p', String(port), `ops@${host}`, '--', 'true'], { env: env() })
    expect(result).toMatchObject({ stdout: '', exitCode: 255 })
    expect(result.stderr).toMatch(/no host key is known for/)
  })
})

describe('a shell', () => {
  it('is joined to the terminal, ends with its exit code, and gives the terminal back', async () => {
    await using sshd = await startSshd({ config: quietServer(home.path) })
    home.write('.ssh/known_hosts', sshd.knownHostsLine())
    const { userKeyFile, port, user, host } = sshd
    const run = `$sallyport shell -i ${userKeyFile} -p ${port} ${user}@${host}`
    const text = `stty rows 33 cols 101; stty -a >${home.path}/before; ${run}; code=$?; stty -a >${home.path}/after; exit $code`
    await using terminal = new Terminal(text, env())
    await terminal.shows(/[#$] $/)
    terminal.type('echo size $(stty size) in $((40 + 2))\r')
    await terminal.shows(/size 33 101 in 42/)
    terminal.type("sh -c 'echo begun $((40 + 4)); exec sleep 60'\r")
    await terminal.shows(/begun 44/)
    terminal.type('\u0003')
    terminal.type('echo after $((40 + 3))\r')
    await terminal.shows(/after 43/)
    terminal.type('exit 7\r')
    expect(await terminal.end()).toBe(7)
    const [before, after] = ['before', 'after'].map((name) => readFileSync(`${home.path}/${name}`, 'utf8'))
    expect(after).toBe(before)
  })

  it('needs a terminal, and says so', async () => {
    await using sshd = await startSshd({ config: quietServer(home.path) })
    home.write('.ssh/known_hosts', sshd.knownHostsLine())
    const { userKeyFile, port, user, host } = sshd
    const args = ['shell', '-i', userKeyFile, '-p', String(port), `${user}@${host}`]
    const { stdout, stderr, exitCode } = await sallyport(args, { env: env() })
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 255 })
    expect(stderr).toMatch(/^sallyport: error: a shell needs a terminal/)
    expect(sshd.connections()).toEqual([])
  })
})

describe('run -t', () => {
  it('gives the command a terminal', async () => {
    await using sshd = await startSshd({ config: quietServer(home.path) })
    home.write('.ssh/known_hosts', sshd.knownHostsLine())
    const { userKeyFile, port, user, host } = sshd
    const options = `-i ${userKeyFile} -p ${port} ${user}@${host}`
    await using terminal = new Terminal(`$sallyport run -t ${options} 'test -t 0 && echo yes; exit 5'`, env())
    await terminal.shows(/yes/)
    expect(await terminal.end()).toBe(5)
  })

  it('need not be said where RequestTTY yes is', async () => {
    await using sshd = await startSshd({ config: quietServer(home.path) })
    home.write('.ssh/known_hosts', sshd.knownHostsLine())
    const { userKeyFile, port, user, host } = sshd
    const options = `-o RequestTTY=yes -i ${userKeyFile} -p ${port} ${user}@${host}`
    await using terminal = new Terminal(`$sallyport run ${options} 'test -t 0 && echo yes; exit 5'`, env())
    await terminal.shows(/yes/)
    expect(await terminal.end()).toBe(5)
  })

  it('once without a terminal here warns and goes on; twice gives one all the same; -T takes it back', async () => {
    await using sshd = await startSshd({ config: quietServer(home.path) })
    home.write('.ssh/known_hosts', sshd.knownHostsLine())
    const host = ['-i', sshd.userKeyFile, '-p', String(sshd.port), `${sshd.user}@${sshd.host}`]
    const isTerminal = async (...flags: readonly string[]) => {
      const { stdout, stderr } = await sallyport(
        ['run', ...flags, ...host, 'tty -s && echo yes || echo no'],
        {
          env: env(),
        },
      )
      return { answer: stdout.trim(), warned: stderr.includes('sallyport: warning: no terminal') }
    }
    expect(await isTerminal('-t')).toEqual({ answer: 'no', warned: true })
    expect(await isTerminal('-tt')).toEqual({ answer: 'yes', warned: false })
    expect(await isTerminal('-tt', '-T')).toEqual({ answer: 'no', warned: false })
  })
})
