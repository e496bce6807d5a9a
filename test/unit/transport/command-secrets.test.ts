import { once } from 'node:events'
import { expect, it } from 'vitest'
import type { ProxyCommandError } from '../../../src/errors.js'
import { openCommand } from '../../../src/transport/command.js'
import { leakCheck } from '../../support/leak-check.js'
import { hop } from './hop.js'

leakCheck()

/** The error that a shell script ends its stream with. */
async function errorOf(script: string, ...words: readonly string[]): Promise<ProxyCommandError> {
  const command = { argv: ['/bin/sh', '-c', script, 'sh', ...words] }
  const link = await openCommand({ command, hop, signal: new AbortController().signal })
  link.stream.resume()
  const [error] = await once(link.stream, 'error')
  await link.close()
  return error
}

it('the error of a ProxyCommand shows no secret that the command repeats of its arguments', async () => {
  const repeats = 'echo "+ ncat --proxy-auth bob:CANARY gw" >&2; echo "usage: $*" >&2; exit 3'
  const error = await errorOf(repeats, '--password=CANARY')
  expect(error.stderrTail).toBe('+ ncat --proxy-auth [secret] gw\nusage: --password=[secret]\n')
  expect(error.message).toMatch(/exited with status 3: usage: --password=\[secret\]$/)
  expect(JSON.stringify(error)).not.toContain('CANARY')
})

it('nor one whose name is further back than the end that is kept', async () => {
  const long = 'printf "%s=%04000d%s" --password 0 CANARY >&2; head -c 90 /dev/zero | tr "\\0" x >&2; exit 1'
  const error = await errorOf(long)
  expect(error.stderrTail).toBe('--password=[secret]')
})

it('and a line that ends in a name hides nothing of the next', async () => {
  const error = await errorOf('echo "Password:" >&2; echo "Permission denied" >&2; exit 255')
  expect(error.stderrTail).toBe('Password:\nPermission denied\n')
})
