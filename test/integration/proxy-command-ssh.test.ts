// The real ssh as the ProxyCommand, and gateways that are reached by a command themselves.

import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection, type GatewayOption } from '../../src/index.js'
import { type Chain, startChain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionTo, knownHostsFile } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'
import type { Sshd } from '../support/sshd.js'

let chain: Chain
let gateway: Sshd
let middle: Sshd
let inner: Sshd
let directory: string
/** A configuration for `ssh -F` in which the first two servers of the chain are `gw` and `middle`, one through the other. */
let config: string
beforeAll(async () => {
  chain = await startChain(3, (index) => (index === 0 ? { config: ['PermitOpen any'] } : {}))
  ;[gateway, middle, inner] = [chain.at(0), chain.at(1), chain.at(2)]
  directory = scratchDir('ssh')
  config = join(directory, 'config')
  writeFileSync(
    config,
    [hostBlock('gw', gateway), `${hostBlock('middle', middle)}  ProxyJump gw\n`].join('\n'),
  )
})
afterAll(() => chain[Symbol.asyncDispose]())

function hostBlock(name: string, sshd: Sshd): string {
  return `Host ${name}
  HostName ${sshd.host}
  Port ${sshd.port}
  User ${sshd.user}
  IdentityFile ${sshd.userKeyFile}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${knownHostsFile(sshd.knownHostsLine())}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  BatchMode yes
`
}

/** A script that takes a host and a port. */
function scriptTo(name: string): string {
  const file = join(directory, `to-${name}`)
  writeFileSync(file, `#!/bin/sh\nexec ssh -F '${config}' -W "[$1]:$2" ${name}\n`)
  chmodSync(file, 0o755)
  return file
}

/** Where the command `ssh` logged in, and what the inner host says about where it was reached from. */
async function through(option: GatewayOption, target: Sshd): Promise<string> {
  await using connection = connectionTo(target, { gateway: option })
  const { stdout } = await connection.run('echo $SSH_CONNECTION')
  expect((await connection.resolve()).hops).toMatchObject([{ link: { kind: 'command' } }])
  return stdout
}

describe('a target behind the real ssh', () => {
  leakCheck()

  test.each<[string, () => GatewayOption]>([
    ['ssh -W', () => `ssh -F ${config} -W %h:%p gw`],
    ['ssh -W as a list', () => ({ command: ['ssh', '-F', config, '-W', '[%h]:%p', 'gw'] })],
    ['nc on the gateway', () => `ssh -F ${config} gw nc %h %p`],
    [
      'nc on the gateway, as a list',
      () => ({ command: ['ssh', '-F', config, '--', 'gw', 'nc', '%h', '%p'] }),
    ],
    ['a script', () => `${scriptTo('gw')} %h %p`],
    ['a script, as a list', () => ({ command: [scriptTo('gw'), '%h', '%p'] })],
  ])('is reached by %s', async (_, option) => {
    const before = gateway.connections().length
    const said = await through(option(), middle)
    expect(said).toContain(`${middle.host} ${middle.port}`)
    expect(gateway.connections()).toHaveLength(before + 1)
  })

  test('and a second gateway is reached, each hop by its own known_hosts', async () => {
    const before = chain.sshds.map((sshd) => sshd.connections().length)
    expect(await through(`ssh -F ${config} -W %h:%p middle`, inner)).toContain(`${inner.host} ${inner.port}`)
    expect(chain.sshds.map((sshd, i) => sshd.connections().length - (before[i] ?? 0))).toEqual([1, 1, 1])
  })

  test('is the same by proxyCommand as by gateway', async () => {
    await using connection = connectionTo(middle, { proxyCommand: `ssh -F ${config} -W %h:%p gw` })
    expect(await connection.run('echo there')).toMatchObject({ stdout: 'there\n' })
  })

  test('is not reached when ssh does not know the gateway, and the end of what it says is told', async () => {
    const empty = knownHostsFile('')
    const option = `ssh -F ${config} -o UserKnownHostsFile=${empty} -W %h:%p gw`
    await using connection = connectionTo(middle, { gateway: option })
    await expect(connection.open()).rejects.toMatchObject({
      name: 'ProxyCommandError',
      code: 'PROXY_COMMAND_FAILED',
      exitCode: 255,
      stderrTail: expect.stringContaining('Host key verification failed'),
      message: expect.stringContaining('Host key verification failed'),
      hop: { index: 0, host: middle.host },
    })
  })

  test('is judged by its own key, whatever ssh thinks of the gateway', async () => {
    const option = `ssh -F ${config} -W %h:%p gw`
    await using connection = connectionTo(middle, {
      gateway: option,
      userKnownHostsFile: [knownHostsFile(gateway.knownHostsLine())],
    })
    await expect(connection.open()).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN', hop: { index: 0 } })
  })

  test('carries mebibytes in both directions', async () => {
    await using connection = connectionTo(middle, { gateway: `ssh -F ${config} -W %h:%p gw` })
    const input = Buffer.alloc(8 * 2 ** 20, 'sallyport')
    const { stdout } = await connection.run('cat', { input, maxOutputBytes: 2 * input.length })
    expect(input.equals(Buffer.from(stdout))).toBe(true)
  })
})

describe('a gateway that is reached by a command', () => {
  leakCheck()

  test.each<[string, () => GatewayOption]>([
    ['nc', () => 'nc %h %p'],
    ['ssh -W', () => `ssh -F ${config} -W %h:%p gw`],
  ])('%s leads on to the target, and is shared and borrowed as any other', async (name, option) => {
    const entrance = name === 'nc' ? gateway : middle
    const goals = name === 'nc' ? [middle] : [inner]
    await using outer = connectionTo(entrance, { gateway: option() })
    const before = entrance.connections().length
    const targets = [...goals, ...goals].map((sshd) => connectionTo(sshd, { gateway: outer }))
    const results = await Promise.all(targets.map((target) => target.run('echo $SSH_CONNECTION')))
    for (const { stdout } of results) expect(stdout).toContain(`${goals[0]?.host} ${goals[0]?.port}`)
    expect(entrance.connections()).toHaveLength(before + 1)
    await closeAll(targets)
    expect(outer.state).toBe('open')
    expect(await outer.run('echo alive')).toMatchObject({ stdout: 'alive\n' })
  })

  test('is named as the first of two hops when its command fails, and the target is not blamed', async () => {
    await using outer = connectionTo(gateway, { gateway: 'echo no way out >&2; false' })
    await using target = connectionTo(middle, { gateway: outer })
    await expect(target.open()).rejects.toMatchObject({
      name: 'ProxyCommandError',
      hop: { index: 0, host: gateway.host },
      stderrTail: expect.stringContaining('no way out'),
    })
  })

  test('takes all that goes through it along when its command is killed, and comes back with the next use', async () => {
    const file = join(scratchDir('pid'), 'pid')
    await using outer = connectionTo(gateway, { gateway: `sh -c 'echo $$ > ${file}; exec nc %h %p'` })
    await using target = connectionTo(middle, { gateway: outer })
    await using child = await target.spawn('cat')
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL')
    await expect(child.wait()).rejects.toMatchObject({ code: 'CONNECTION_LOST', hop: { host: gateway.host } })
    expect(await target.run('echo back')).toMatchObject({ stdout: 'back\n' })
  })

  test('by the name of a host gets the hint to write proxyJump', async () => {
    await using target = new Connection('inner', { gateway: 'bastion', identityAgent: 'none' })
    await expect(target.open()).rejects.toMatchObject({
      code: 'PROXY_COMMAND_FAILED',
      hint: expect.stringContaining("write proxyJump: 'bastion'"),
    })
  })
})
