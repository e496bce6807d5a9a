// Who may have written a file of configuration, asked as an ordinary user: what the real ssh says of the user's own
// ~/.ssh/config, its parts and its keys, and what we say.

import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection } from '../../src/index.js'
import { hostBlock, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { bundleLibrary, type Program, type StartProgram } from '../support/program.js'
import { scratchDir } from '../support/run-dir.js'
import { startSshd } from '../support/sshd.js'
import { createUnixUser, type UnixUser } from '../support/unix-user.js'

// Everything that lives as long as the file is made before the tests, and the leak check is for the tests.
leakCheck()

let user: UnixUser
let program: Program
let uid: number
beforeAll(async () => {
  user = await createUnixUser()
  uid = Number(execFileSync('id', ['-u', user.name], { encoding: 'utf8' }))
  const start: StartProgram = await bundleLibrary()
  program = start(body, {
    env: { HOME: user.home, SALLYPORT_SSH_CONFIG: '', SALLYPORT_CONFIG: '', SSH_AUTH_SOCK: '' },
    cwd: user.home,
    under: ['setpriv', '--reuid', user.name, '--regid', user.name, '--clear-groups'],
  })
})
afterAll(async () => {
  await program[Symbol.asyncDispose]()
  await user[Symbol.asyncDispose]()
})

// For each line, resolves `db` by the default files, or by the file that the line names.
const body = `
import { createInterface } from 'node:readline'
const { resolve } = await import('./index.js')
for await (const file of createInterface(process.stdin)) {
  const options = file === 'default' ? {} : { sshConfig: file }
  const said = await resolve('db', options).then(
    ({ hops: [hop] }) => 'port ' + hop.port,
    ({ code, message }) => code + ' ' + message,
  )
  console.log('said ' + said)
}
`

let asked = 0
/** What we say to the user: `port …`, or the code and the message. */
async function weSay(file = 'default'): Promise<string> {
  const said = () => program.stdout.lines().flatMap(({ text }) => /^said (.*)/.exec(text)?.[1] ?? [])
  program.child.stdin.write(`${file}\n`)
  asked += 1
  while (said().length < asked) await once(program.child.stdout, 'data')
  return said().at(-1) ?? ''
}

/** What ssh says to the user: `port …`, or its complaint. */
function sshSays(file?: string): string {
  const words = ['ssh', ...(file === undefined ? [] : ['-F', file]), '-G', 'db']
  const as = ['--reuid', user.name, '--regid', user.name, '--clear-groups']
  // For its own file ssh asks the user database where the home is, and for what that includes the environment.
  const env = { ...process.env, HOME: user.home }
  const { stdout, stderr } = spawnSync('setpriv', [...as, ...words], { encoding: 'utf8', env })
  return /^port .*/m.exec(stdout)?.[0] ?? stderr.trim()
}

interface Kind {
  readonly mode?: number
  readonly owner?: 'user' | 'root' | 'another'
}

function put(name: string, text: string, { mode = 0o600, owner = 'user' }: Kind = {}): string {
  const file = join(user.home, name)
  mkdirSync(dirname(file), { recursive: true })
  chownSync(dirname(file), uid, -1)
  writeFileSync(file, text)
  chownSync(file, { user: uid, root: 0, another: uid + 1 }[owner], -1)
  chmodSync(file, mode)
  return file
}

const refused = (name: string, why: string) => `CONFIG_UNUSABLE ~/.ssh/${name} ${why}`

describe.each<[string, string]>([
  ['~/.ssh/config', 'config'],
  ['a file that it includes', 'part'],
  ['a file that an included file includes', 'deeper'],
])('%s', (_, odd) => {
  /** All three files, the one that matters as it should be and the others as they may be. */
  function write(kind: Kind): void {
    const as = (name: string): Kind => (name === odd ? kind : {})
    put('.ssh/config', 'Include part\nPort 2201\n', as('config'))
    put('.ssh/part', 'Include ~/.ssh/deeper\n', as('part'))
    put('.ssh/deeper', 'Port 2203\n', as('deeper'))
  }

  test.each<[string, Kind]>([
    ['the user alone can read', {}],
    ['everyone can read', { mode: 0o644 }],
    ['root owns', { mode: 0o644, owner: 'root' }],
  ])('that %s counts, as for ssh', async (__, kind) => {
    write(kind)
    expect(sshSays()).toBe('port 2203')
    expect(await weSay()).toBe('port 2203')
  })

  test.each<[string, Kind, string]>([
    ['its group can write', { mode: 0o664 }, 'can be written by others'],
    ['everyone can write', { mode: 0o606 }, 'can be written by others'],
    ['another user owns', { mode: 0o644, owner: 'another' }, 'belongs to another user'],
  ])('that %s is refused, as by ssh', async (__, kind, why) => {
    write(kind)
    expect(sshSays()).toMatch(/Bad owner or permissions/)
    expect(await weSay()).toBe(refused(odd, why))
  })
})

describe('a file that the user cannot read', () => {
  test('is refused when it is named, and when it is included, as by ssh', async () => {
    const secret = put('.ssh/secret', 'Port 1\n', { mode: 0o600, owner: 'root' })
    expect(sshSays(secret)).toMatch(/Can't open user config file/)
    expect(await weSay(secret)).toBe(refused('secret', 'cannot be read: permission denied'))
    const file = put('.ssh/other', `Include ${secret}\nPort 2205\n`)
    expect(sshSays(file)).toMatch(/Can't open user config file/)
    expect(await weSay(file)).toBe(refused('secret', 'cannot be read: permission denied'))
  })

  test('is not passed over in silence when it is the default one', async () => {
    put('.ssh/config', 'Port 2206\n', { mode: 0o600, owner: 'root' })
    expect(await weSay()).toBe(refused('config', 'cannot be read: permission denied'))
  })
})

test('a file that was named counts whoever may write it; what it includes does not', async () => {
  const file = put('.ssh/named', 'Port 2207\n', { mode: 0o666, owner: 'another' })
  expect([sshSays(file), await weSay(file)]).toEqual(['port 2207', 'port 2207'])
  put('.ssh/part', 'Port 2208\n', { mode: 0o666 })
  const including = put('.ssh/named', 'Include part\n', { mode: 0o666, owner: 'another' })
  expect(sshSays(including)).toMatch(/Bad owner or permissions/)
  expect(await weSay(including)).toBe(refused('part', 'can be written by others'))
})

test('a key file that others may read is not used, though ssh_config names it', async () => {
  const { file, publicLine } = await keyPair('config-exposed')
  const exposed = join(scratchDir('exposed'), 'key')
  copyFileSync(file, exposed)
  chmodSync(exposed, 0o644)
  await using sshd = await startSshd({ authorizedKeys: [publicLine] })
  const lines = [`IdentityFile ${exposed}`, 'IdentitiesOnly yes', 'BatchMode yes']
  const block = hostBlock('db', sshd, ...lines).replace(/^ *IdentityFile .*user-.*\n/m, '')
  const sshConfig = sshConfigFile(block)
  const ssh = spawnSync('ssh', ['-F', sshConfig, 'db', 'true'], { encoding: 'utf8' })
  expect(ssh.stderr).toMatch(/Permissions 0644 for .* are too open/)
  await using db = new Connection('db', { sshConfig, config: false })
  expect(await failureOf(db.open())).toMatchObject({
    name: 'AuthError',
    message: expect.stringContaining(exposed),
  })
  chmodSync(exposed, 0o600)
  await using again = new Connection('db', { sshConfig, config: false })
  await again.open()
})
