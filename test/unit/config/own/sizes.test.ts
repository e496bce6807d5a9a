import { describe, expect, it } from 'vitest'
import type { ConfigError } from '../../../../src/errors.js'
import { configErrorOf, machine, valuesFor } from './rig.js'

const count = (n: number, entry: (index: number) => string): string =>
  Array.from({ length: n }, (_, i) => entry(i)).join('')

/** How a project's file that nobody trusted is refused. */
function refusalOf(text: string, name: string): Promise<ConfigError> {
  const at = machine()
  at.write(`project/${name}`, text)
  return configErrorOf(at.load())
}

describe('a stranger’s file stops nobody for long', () => {
  it('with a hundred thousand keys that are not known: the first hundred are told, and all are counted', async () => {
    const text = `{${count(100_000, (i) => `"proxyComman${i}": 1,`)} "prot": 1}`
    const startMs = performance.now()
    const { code, message, problems } = await refusalOf(text, 'sallyport.config.json')
    expect(performance.now() - startMs).toBeLessThan(8000)
    expect(code).toBe('CONFIG_INVALID')
    expect(problems).toHaveLength(100)
    expect(message).toMatch(
      /proxyComman0: there is no such key; did you mean proxyCommand\? \(and 100000 more\)$/,
    )
  }, 20_000)

  it.each<[string, string, string | RegExp]>([
    ['many keys', `groups:\n${count(12_000, (i) => ` k${i}: [a]\n`)}prot: 1`, /there is no such key/],
    ['many aliases', `x: [${count(9000, (i) => `&a${i} x, *a${i}, `)}]`, /there is no such key/],
    ['keys in keys', `${'? '.repeat(2000)}x`, /is not YAML/],
    [
      'aliases of aliases of what has a million values',
      count(7, (i) => `k${i}: &k${i} [${i === 0 ? 'x' : count(10, () => `*k${i - 1},`)}]\n`),
      /too many aliases|no such key/,
    ],
    [
      'an alias in itself',
      'groups: &a { b: [*a] }',
      /^sallyport\.config\.yaml:1: is not YAML: alias of nothing before it$/,
    ],
    [
      'a list as a key',
      'groups:\n  [a]: [b]',
      /^sallyport\.config\.yaml:2: is not YAML: key that is no word$/,
    ],
    [
      'lists in lists',
      `groups: ${'['.repeat(150)}${']'.repeat(150)}`,
      /is not YAML: nested more than 100 levels deep$/,
    ],
    ['more than it may have', `# ${'x'.repeat(256 * 1024)}`, 'sallyport.config.yaml: is larger than 256 KiB'],
  ])(
    'with %s',
    async (_, text, message) => {
      const startMs = performance.now()
      expect((await refusalOf(text, 'sallyport.config.yaml')).message).toMatch(message)
      expect(performance.now() - startMs).toBeLessThan(5000)
    },
    20_000,
  )
})

describe('in YAML', () => {
  it('an alias is the last node of its name before it', async () => {
    const at = machine()
    at.write(
      'project/sallyport.config.yaml',
      'hosts:\n  a: &h { port: 1 }\n  b: *h\n  c: &h { port: 2 }\n  d: *h\n',
    )
    const configs = await at.load()
    expect(['a', 'b', 'c', 'd'].map((host) => valuesFor(configs, host)['port'])).toEqual([1, 1, 2, 2])
  })

  it('one key twice is an error, however it is written, and names the line of the second', async () => {
    for (const text of [
      'port: 1\nuser: x\n"port": 2',
      'groups:\n  1: [a]\n  "1": [b]',
      'groups:\n  a: [x]\n  ? &k a\n  : [y]',
    ]) {
      expect((await refusalOf(text, 'sallyport.config.yaml')).message).toBe(
        'sallyport.config.yaml:3: is not YAML: duplicate key',
      )
    }
  })
})
