import { expect, test } from 'vitest'
import { lacksDescriptors } from '../../src/lacks-descriptors.js'

const system = (code: string): Error => Object.assign(new Error(code), { code })

test.each<[string, unknown, boolean]>([
  ['the system’s own', system('EMFILE'), true],
  ['that of the whole machine', system('ENFILE'), true],
  ['as a cause', new Error('x', { cause: new Error('y', { cause: system('EMFILE') }) }), true],
  ['of one of several addresses', new Error('x', { cause: new AggregateError([system('EMFILE')]) }), true],
  ['another', new Error('x', { cause: system('ECONNREFUSED') }), false],
  ['no error', undefined, false],
])('a lack of descriptors is found: %s', (_, error, lacks) => {
  expect(lacksDescriptors(error)).toBe(lacks)
})

test('an error that is its own cause is looked at for a while only', () => {
  const error = new Error('x')
  error.cause = error
  expect(lacksDescriptors(error)).toBe(false)
})
