import { expect, test } from 'vitest'
import { parseSshConfig } from '../../../../../src/config/ssh-config/open.js'

const failure = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  )

test.each([
  ['CanonicalDomains', ''],
  ['CanonicalizePermittedCNAMEs', 'a:'],
])('%s has at most 32 values, as with ssh', async (keyword, start) => {
  const ask = (count: number) => {
    const values = Array.from({ length: count }, (_, i) => `${start}d${i}.test`)
    const config = parseSshConfig(`${keyword} ${values.join(' ')}`, { findName: async (name) => name })
    return failure(config.lookUp({ host: 'db' }))
  }
  expect(await ask(32)).toBeUndefined()
  expect(await ask(33)).toMatchObject({ code: 'CONFIG_INVALID' })
})
