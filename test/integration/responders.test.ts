// Programs on a real server that ask, with and without a terminal.

import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../src/connection.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let sshd: Sshd
let host: Connection
beforeAll(async () => {
  sshd = await startSshd({ config: ['LogLevel INFO'] })
  host = await connectionTo(sshd).open()
})
afterAll(async () => {
  await host?.close()
  await sshd.stop()
})

leakCheck()

const ask = 'printf "Name? "; read name; printf "Sure? " >&2; read sure; echo "$name $sure"'
const responders = [
  { pattern: /Name\? $/, response: 'me\n' },
  { pattern: 'Sure? ', response: async (asked: string) => `${asked.length}\n` },
]

test('a command is answered in both outputs, and its own output is whole', async () => {
  expect(await host.run(ask, { responders })).toMatchObject({ stdout: 'Name? me 6\n', stderr: 'Sure? ' })
})

test('a program that asks on its terminal is answered there', async () => {
  const secret = { pattern: 'Password: ', response: 'CANARY\n', failurePattern: 'denied' }
  const login = (word: string): string =>
    `stty -echo; printf "Password: "; read p; stty echo; [ "$p" = ${word} ] && echo welcome || { echo denied; sleep 60; }`
  expect(await host.run(login('CANARY'), { pty: true, responders: [secret] })).toMatchObject({
    stdout: expect.stringMatching(/^Password: \s*welcome\r\n$/),
  })
  const refused = await host.run(login('x'), { pty: true, responders: [secret] }).catch((error) => error)
  expect(refused).toMatchObject({ code: 'RESPONSE_REFUSED', stdout: expect.stringContaining('denied') })
  expect(JSON.stringify(refused)).not.toContain('CANARY')
})

test('a running command loses nothing that its caller reads, however slowly', async () => {
  await using running = await host.spawn(`${ask}; seq 1 300000; exit 5`, { responders })
  const end = running.wait()
  let text = ''
  for await (const chunk of running.stdout) {
    text += chunk
    if (text.length < 400_000) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(text).toBe(`Name? me 6\n${Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`).join('')}`)
  expect(await end).toMatchObject({ exitCode: 5 })
})

test('a shell is answered beside its user', async () => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  let screen = ''
  stdout.on('data', (data) => {
    screen += data
    if (screen.endsWith('me 6\r\n')) stdin.write('7\r')
  })
  const command = `${ask}; read last; exit $last`
  expect(await host.shell({ stdin, stdout, command, responders })).toMatchObject({ exitCode: 7 })
})
