import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SallyportConfig } from '../../src/config/own/define-config.js'
import { loadOwnConfigs } from '../../src/config/own/load.js'
import { settingNames } from '../../src/config/settings.js'
import { ConfigError } from '../../src/errors.js'

const key = fc.oneof(
  fc.constantFrom(
    ...settingNames,
    'gateway',
    'proxyJump',
    'proxyCommand',
    'sshConfig',
    'groups',
    'allowExec',
  ),
  fc.constantFrom('hosts', '__proto__', 'constructor', 'toString', '*', 'db', '!db *.internal'),
  fc.string(),
)
const value = fc.oneof(
  fc.constantFrom('yes', 'no', '22', '30s', 'none', 'a,b', 'SHA256:x', '', 'ask'),
  fc.jsonValue({ maxDepth: 2 }),
)
const host = fc.array(fc.tuple(key, value), { maxLength: 4 }).map(objectOf)
const config = fc
  .array(fc.tuple(key, fc.oneof(value, host, fc.array(fc.tuple(key, host), { maxLength: 3 }).map(objectOf))))
  .map(objectOf)

/** As JSON.parse makes it: `__proto__` is a key like others. */
function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries)
}

const surroundings = { cwd: '/', home: '/nowhere', env: {}, systemDirectory: '/nowhere' }

it('whatever an object says, it is a configuration or an error that says where, in one line', async () => {
  await fc.assert(
    fc.asyncProperty(config, async (given) => {
      const before = JSON.stringify(given)
      try {
        const [own] = await loadOwnConfigs({ ...surroundings, config: given as SallyportConfig })
        const { layer } = own?.forHost('db') ?? { layer: undefined }
        expect(
          Object.keys(layer?.values ?? {}).every((name) => settingNames.some((known) => known === name)),
        ).toBe(true)
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        expect(error.code).toBe('CONFIG_INVALID')
        expect(error.problems).not.toEqual([])
        for (const { origin, message } of error.problems) {
          expect(origin).toMatch(/^option config(?:: [^\0-\x1f\x7f]+)?$/)
          expect(message).toMatch(/^[^\0-\x1f\x7f]+$/)
        }
      }
      expect(JSON.stringify(given)).toBe(before)
    }),
    { numRuns: 500 },
  )
})
