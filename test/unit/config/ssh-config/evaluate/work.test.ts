import { describe, expect, test } from 'vitest'
import { leakCheck } from '../../../../support/leak-check.js'
import { sshConfigRig } from '../rig.js'

leakCheck()

const rig = sshConfigRig()
const { write, open } = rig

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
