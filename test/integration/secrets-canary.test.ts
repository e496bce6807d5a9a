// Secrets of every kind are used, rightly and wrongly, by a program that shows all that it can get hold of: errors,
// connections, routes, diagnostics and debugging output. None of the secrets may be in it, nor where other users look.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { assertNoCanary, canary } from '../support/canary.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { descendantsOf } from '../support/proc.js'
import { bundleLibrary, type StartProgram } from '../support/program.js'

let start: StartProgram
let plain: KeyPair
let locked: KeyPair
const secret = { password: canary(), answer: canary(), passphrase: canary(), wrong: canary() }
beforeAll(async () => {
  start = await bundleLibrary()
  plain = await keyPair('canary-plain')
  locked = await keyPair('canary-locked', { passphrase: secret.passphrase })
})

/** A gateway that listens, and a target behind it; whoever knows one of the secrets may log in to either. */
async function withNetwork(use: (network: Network, given: object) => Promise<void>): Promise<void> {
  const users = {
    password: { password: secret.password, keys: [] },
    questions: {
      keys: [],
      keyboardInteractive: [
        { prompts: [{ text: 'password', answer: secret.password }] },
        { prompts: [{ text: 'code', echo: true, answer: secret.answer }] },
      ],
    },
    keys: { keys: [plain.publicLine, locked.publicLine] },
  }
  await using network = await createNetwork({
    hosts: { gw: { listen: true, reaches: ['target'], users }, target: { users } },
  })
  const { settings } = network
  const own = { ...settings, identityFile: [] }
  const { host, port } = network.address('gw')
  await use(network, { own, host, port, secret, plain: plain.file, locked: locked.file })
}

/** Shows everything that is published, and everything that `show` is given, in every way of showing things. */
const prelude = `
import { channel } from 'node:diagnostics_channel'
import { format, inspect } from 'node:util'
const { own, host, port, secret, plain, locked } = given
function show(thing) {
  console.log(inspect(thing, { depth: 12, showHidden: true, maxStringLength: null }))
  console.log(inspect(thing, { depth: 12, customInspect: false }))
  console.log(format('%o %O %j %s', thing, thing, thing, thing))
  console.dir(thing, { depth: 12 })
  console.log(JSON.stringify(thing), String(thing))
  for (let error = thing; error instanceof Error; error = error.cause) {
    console.log(error.stack, error.message, JSON.stringify(error), Object.entries(error))
  }
}
for (const name of ['phase', 'hop', 'channel', 'warning']) channel('sallyport:' + name).subscribe(show)
let failures = 0
async function attempt(make, work = (connection) => connection.run('hostname')) {
  let connection
  try {
    connection = make()
    show(connection)
    show(await connection.resolve())
    show(await work(connection))
  } catch (error) {
    failures += 1
    show(error)
  } finally {
    show(connection)
    await connection?.close()
    if (connection !== undefined) show(await connection.closed)
  }
}
const byGateway = (user, options) => () => {
  const gateway = new Connection(host, { ...own, user, port, ...options })
  return new Connection('target', { ...own, user, gateway, ...options })
}
`

const uses = `
for (const options of [
  { password: secret.password },
  { password: () => secret.password },
  { ask: async (question) => (show(question), secret.password), preferredAuthentications: ['password'] },
  { password: secret.wrong },
  { password: async () => secret.wrong },
]) await attempt(byGateway('password', options))
for (const options of [
  { keyboardInteractive: ({ prompts }) => prompts.map(({ echo }) => (echo ? secret.answer : secret.password)) },
  { password: secret.password, ask: async () => secret.answer },
  { password: secret.wrong, ask: async () => secret.wrong },
  { keyboardInteractive: () => [secret.wrong, secret.wrong, secret.wrong] },
]) await attempt(byGateway('questions', options))
for (const options of [
  { identityFile: [locked], passphrase: secret.passphrase },
  { identityFile: [locked], passphrase: () => secret.passphrase },
  { identityFile: [locked], passphrase: secret.wrong },
  { identityFile: [plain] },
]) await attempt(byGateway('keys', options))

const rest = { password: secret.password, passphrase: secret.passphrase }
const gw = (options) => () => new Connection(host, { ...own, user: 'password', port, ...rest, ...options })
await attempt(gw({}), (connection) => connection.run('exit 7'))
await attempt(gw({}), (connection) => connection.dial({ host: 'nowhere', port: 1 }))
await attempt(gw({ userKnownHostsFile: [] }))
await attempt(gw({ port: 1 }))
await attempt(gw({ gateway: 'exit 3; --token=' + secret.wrong }))
await attempt(gw({ gateway: { command: ['/nonexistent', '--password', secret.wrong] } }))
await attempt(gw({ authTimeoutMs: 50, ask: () => new Promise(() => {}), password: secret.wrong }), (connection) =>
  connection.open({ timeoutMs: 600 }))

const misuses = [
  { password: [secret.wrong] },
  { passphrase: { is: secret.wrong } },
  { defaults: { password: secret.wrong } },
  { pasword: secret.wrong },
  { keyboardInteractive: secret.wrong },
]
for (const options of misuses) await attempt(() => new Connection('host', options))
await attempt(() => new Connection('ssh://ops:' + secret.wrong + '@host/path'))
console.log('failures', failures)
`

describe('a program that uses secrets', () => {
  leakCheck()

  test(
    'shows none of them, whatever goes well or wrong',
    () =>
      withNetwork(async (network, given) => {
        await using program = start(`${prelude}${uses}`, { given, env: { NODE_DEBUG: 'sallyport' } })
        expect(await program.ended).toEqual({ code: 0, signal: null })
        const [shown, debugged] = [program.stdout, program.stderr].map((log) =>
          log
            .lines()
            .map(({ text }) => text)
            .join('\n'),
        )
        // What makes the rest worth something: all of it was used, and the failures failed.
        const offers = JSON.stringify(network.host('target').log)
        for (const used of [secret.password, secret.answer]) expect(offers).toContain(used)
        expect(JSON.stringify(network.host('gw').log)).toContain(secret.wrong)
        expect(program.stdout.lines().at(-1)?.text).toBe('failures 18')
        expect(debugged?.includes('SALLYPORT')).toBe(true)
        assertNoCanary(shown, 'the output')
        assertNoCanary(debugged, 'the debugging output')
        for (const line of (await readFile(plain.file, 'utf8')).split('\n').slice(2, -2)) {
          expect(`${shown}${debugged}`.includes(line)).toBe(false)
        }
      }),
    60_000,
  )

  test('gives none of them to its ProxyCommand, and has none where others look', () =>
    withNetwork(async (_network, given) => {
      const body = `
        await attempt(gw({ gateway: 'nc %h %p' }), async (connection) => {
          await connection.open()
          console.log('open')
          await new Promise((resolve) => process.stdin.once('data', resolve))
        })
        process.stdin.destroy()`
      const gw = uses.slice(uses.indexOf('const rest'), uses.indexOf('await attempt(gw({})'))
      await using program = start(`${prelude}${gw}${body}`, { given })
      await program.stdout.waitFor(/^open$/, { timeoutMs: 20_000 })
      const children = descendantsOf(program.pid)
      expect(children.length).toBeGreaterThan(0)
      for (const pid of [program.pid, ...children]) {
        for (const file of ['cmdline', 'environ']) {
          assertNoCanary(readFileSync(`/proc/${pid}/${file}`, 'latin1'), `/proc/${file}`)
        }
      }
      program.child.stdin.end('done\n')
      expect(await program.ended).toEqual({ code: 0, signal: null })
      assertNoCanary(
        program.stdout.lines().map(({ text }) => text),
        'the output',
      )
    }))
})
