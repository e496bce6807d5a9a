import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { scratchDir } from '../../support/run-dir.js'
import { startSshd } from '../../support/sshd.js'
import { createUnixUser } from '../../support/unix-user.js'

const execute = promisify(execFile)

it.each([
  ['password', ['PasswordAuthentication yes']],
  ['keyboard-interactive', ['UsePAM yes', 'KbdInteractiveAuthentication yes']],
])('a throw-away user logs in by %s, and is gone afterwards', async (method, lines) => {
  let name = ''
  {
    await using user = await createUnixUser()
    await using sshd = await startSshd({ user: user.name, config: lines })
    name = user.name
    const askpass = join(scratchDir('askpass'), 'answer')
    writeFileSync(askpass, `#!/bin/sh\necho ${user.password}\n`, { mode: 0o700 })
    const args = sshd.sshArgs().map((argument) => (argument === 'BatchMode=yes' ? 'BatchMode=no' : argument))
    const { stdout } = await execute('ssh', ['-o', `PreferredAuthentications=${method}`, ...args, 'id -un'], {
      env: { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' },
    })
    expect(stdout).toBe(`${name}\n`)
    expect(sshd.connections()[0]?.method).toMatch(
      method === 'password' ? /^password$/ : /^keyboard-interactive/,
    )
  }
  await expect(execute('id', [name])).rejects.toThrow(/no such user/)
})
