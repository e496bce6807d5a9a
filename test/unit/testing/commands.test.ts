// Commands and shells of an embedded host: their output, their ends, and what the log has of them.

import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { builtInCommand, createNetwork, type Network } from '../../../src/testing/index.js'
import { ended, enter, finish, login, run, start } from './client.js'

let network: Network
let stream: Duplex
let client: Client
let abortedCommand: Promise<void>
let onAborted: () => void

const threeMiB = 'x'.repeat(3 * 2 ** 20)

beforeEach(async () => {
  abortedCommand = new Promise((resolve) => {
    onAborted = resolve
  })
  network = await createNetwork({
    hosts: {
      gw: {
        listen: true,
        commands: {
          greet: 'hello\n',
          'systemctl status': { stdout: 'out', stderr: 'err', exitCode: 3 },
          crash: { signal: 'SEGV', coreDumped: true },
          slow: { delayMs: 20, stdout: 'at last' },
          flood: { stdout: threeMiB, stderr: threeMiB.toUpperCase() },
          broken: () => {
            throw new Error('oops')
          },
          greeting: (_command, { env, user, host }) => `${JSON.stringify(env)} from ${user}@${host}`,
          upper: async (_command, { stdin, stdout }) => {
            for await (const chunk of stdin) stdout.write(String(chunk).toUpperCase())
          },
          forever: (_command, { signal, stdout }) =>
            new Promise((resolve) => {
              stdout.write('started\n')
              signal.addEventListener('abort', () => {
                resolve(0)
                onAborted()
              })
            }),
        },
      },
      all: {
        listen: true,
        commands: (command, context) => (command === 'x' ? 7 : builtInCommand(command, context)),
      },
    },
  })
  stream = await network.dialer.dial({ host: 'gw', port: 22 })
  client = await login(stream, { privateKey: network.userKey.privateKey })
})
afterEach(async () => {
  client.end()
  await network.close()
})

test.each([
  ['greet', { stdout: 'hello\n', stderr: '', exitCode: 0 }],
  ['systemctl status', { stdout: 'out', stderr: 'err', exitCode: 3 }],
  ['crash', { exitCode: null, signal: 'SIGSEGV' }],
  ['slow', { stdout: 'at last', exitCode: 0 }],
  ['broken', { stderr: expect.stringContaining('oops'), exitCode: 70 }],
  ['whoami', { stdout: 'ops\n', exitCode: 0 }],
  ['false', { exitCode: 1 }],
  ['exit 42', { exitCode: 42 }],
  ['echo "one two"', { stdout: 'one two\n' }],
  ['toString', { stderr: 'sh: toString: not found\n', exitCode: 127 }],
])('%s answers', async (command, expected) => {
  expect(await run(client, command)).toMatchObject(expected)
})

test('a program for all commands can leave some to the built-in ones', async () => {
  const other = await enter(network, 'all')
  expect(await run(other, 'x')).toMatchObject({ exitCode: 7 })
  expect(await run(other, 'hostname')).toMatchObject({ stdout: 'all\n' })
  other.end()
})

test('more than a window of both outputs arrives once and whole', async () => {
  const { stdout, stderr } = await run(client, 'flood')
  expect(stdout === threeMiB).toBe(true)
  expect(stderr === threeMiB.toUpperCase()).toBe(true)
})

test('a program reads what the client writes', async () => {
  const channel = await start(client, 'upper')
  const result = finish(channel)
  channel.end('quiet')
  expect(await result).toMatchObject({ stdout: 'QUIET', exitCode: 0 })
  const cat = await start(client, 'cat')
  const copied = finish(cat)
  cat.end(threeMiB)
  expect((await copied).stdout === threeMiB).toBe(true)
})

test('the environment and the terminal reach the program and the log', async () => {
  const pty = { term: 'vt100', cols: 100, rows: 30 }
  const result = await finish(await start(client, 'greeting', { env: { GREETING: 'hi' }, pty }))
  expect(result.stdout).toBe('{"GREETING":"hi"} from ops@gw')
  expect(network.host('gw').log).toContainEqual({
    connection: 1,
    event: 'command',
    user: 'ops',
    command: 'greeting',
    env: { GREETING: 'hi' },
    pty: { term: 'vt100', columns: 100, rows: 30 },
  })
})

test('a signal ends a command, after the end of its input too', async () => {
  const channel = await start(client, 'forever')
  const result = finish(channel)
  await once(channel, 'data')
  channel.end()
  // ssh2's own signal() is silent after end().
  const { _protocol } = client as unknown as { _protocol: { signal(channel: number, name: string): void } }
  _protocol.signal((channel.outgoing as { id: number }).id, 'TERM')
  expect(await result).toMatchObject({ exitCode: null, signal: 'SIGTERM' })
  expect(network.host('gw').log).toContainEqual({ connection: 1, event: 'signal', name: 'TERM' })
})

test('a command whose channel is closed hears of it', async () => {
  const channel = await start(client, 'forever')
  const result = finish(channel)
  await once(channel, 'data')
  channel.close()
  await result
  await abortedCommand
  expect(await run(client, 'true')).toMatchObject({ exitCode: 0 })
})

test.each(['the client goes', 'the line breaks'])('unread input is forgotten when %s', async (how) => {
  const channel = await start(client, 'forever')
  channel.on('error', () => {})
  await once(channel, 'data')
  channel.write(threeMiB)
  await run(client, 'true')
  const end = ended(client)
  if (how === 'the client goes') client.destroy()
  else stream.write(Buffer.alloc(64 * 1024, 7))
  await network.host('gw').logged(({ event }) => event === 'ended')
  await abortedCommand
  await end
})

async function shell(pty: boolean): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.shell(pty ? { term: 'xterm' } : false, (error, channel) =>
      error ? reject(error) : resolve(channel),
    )
  })
}

test('a shell with a terminal prompts, echoes and ends with its last command', async () => {
  const channel = await shell(true)
  const result = finish(channel)
  channel.setWindow(50, 120, 0, 0)
  channel.write('hostnameX\u007f\rfal\u0003exit 3\r')
  expect(await result).toMatchObject({
    stdout: 'ops@gw$ hostnameX\b \b\r\ngw\r\nops@gw$ fal^C\r\nops@gw$ exit 3\r\n',
    exitCode: 3,
  })
  expect(network.host('gw').log).toContainEqual({ connection: 1, event: 'resize', columns: 120, rows: 50 })
})

test('a shell without a terminal is silent but for its commands', async () => {
  const channel = await shell(false)
  const result = finish(channel)
  channel.end('hostname\nnonsense\nfalse\n')
  expect(await result).toMatchObject({ stdout: 'gw\n', stderr: 'sh: nonsense: not found\n', exitCode: 1 })
})
