import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { type OpenOptions, openSshConfig } from '../../../../../src/config/ssh-config/open.js'
import { localAccount } from '../../../../../src/config/ssh-config/tokens/local-account.js'
import { leakCheck } from '../../../../support/leak-check.js'
import { scratchDir } from '../../../../support/run-dir.js'

leakCheck()

let directory = ''
beforeEach(() => {
  directory = scratchDir('ssh-config')
})

/** Writes a file below the directory, of which `home` is a home. */
function write(name: string, text: string, mode = 0o600): string {
  const path = join(directory, name)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

function open(options: Partial<OpenOptions> = {}) {
  const home = join(directory, 'home')
  return openSshConfig({
    files: 'default',
    systemFile: join(directory, 'etc/ssh_config'),
    account: { ...localAccount(), home, user: 'local', machine: 'here.test' },
    findName: async () => undefined,
    ...options,
  })
}

const failure = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a configuration that makes work', () => {
  const large = 'Port 1\n'.repeat(100_000)

  /** How long the event loop was kept from others at most, while `work` ran. */
  async function longestHold(work: () => Promise<unknown>): Promise<number> {
    let longest = 0
    let last = performance.now()
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 5)
    await work()
    clearInterval(timer)
    return Math.max(longest, performance.now() - last)
  }

  test('by including a large file again and again ends with an error, and lets others run meanwhile', async () => {
    write('home/.ssh/config', 'Include more\n'.repeat(200))
    write('home/.ssh/more', large)
    const config = open()
    const ask = () => failure(config.lookUp({ host: 'db' }))
    // The first look-up parses the files.
    expect(await ask()).toMatchObject({
      code: 'CONFIG_INVALID',
      message: '~/.ssh/more: more than 2000000 lines and patterns have to be looked at',
    })
    expect(await longestHold(ask)).toBeLessThan(700)
  })

  test('can be aborted, although nothing is waited for', async () => {
    write('home/.ssh/config', 'Include more\n'.repeat(4))
    write('home/.ssh/more', large)
    const config = open()
    expect(await failure(config.lookUp({ host: 'db' }))).toBeUndefined()
    const stop = new AbortController()
    setImmediate(() => stop.abort())
    expect(await failure(config.lookUp({ host: 'db' }, { signal: stop.signal }))).toMatchObject({
      code: 'ABORT_ERR',
    })
  })

  test.each([
    ['forwards', Array.from({ length: 20_000 }, (_, i) => `LocalForward ${i + 1} a:1\n`).join('')],
    ['names of variables', `SendEnv ${'A '.repeat(1000)}\n`.repeat(1000)],
    ['names to take away', `SendEnv ${'A '.repeat(999)}\n${`SendEnv ${'-b '.repeat(999)}\n`.repeat(1000)}`],
    ['unknown keywords to excuse', `IgnoreUnknown ${'a,'.repeat(100_000)}\n${'b c\n'.repeat(100_000)}`],
  ])('by %s without end is refused in seconds', async (_, text) => {
    write('home/.ssh/config', text)
    const start = performance.now()
    expect(await failure(open().lookUp({ host: 'db' }))).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(performance.now() - start).toBeLessThan(5000)
  })

  test('an aborted look-up looks up no more names', async () => {
    write('home/.ssh/config', 'CanonicalizeHostname yes\nCanonicalDomains a.test b.test c.test\n')
    const stop = new AbortController()
    const names: string[] = []
    const findName = async (name: string) => {
      names.push(name)
      stop.abort()
      return undefined
    }
    const asked = open({ findName }).lookUp({ host: 'db' }, { signal: stop.signal })
    expect(await failure(asked)).toMatchObject({ code: 'ABORT_ERR' })
    expect(names).toEqual(['db.a.test.'])
  })
})
