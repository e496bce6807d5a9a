import { channel } from 'node:diagnostics_channel'
import { expect, it } from 'vitest'
import { assertNoCanary, canary, takeSightings } from '../../support/canary.js'

it('a secret is found in text, in objects and in buffers, plain or encoded', () => {
  const secret = canary()
  expect(() => assertNoCanary(`password ${secret}`)).toThrow('shows the secret')
  expect(() => assertNoCanary({ deep: [new Error(secret)] })).toThrow('shows the secret')
  expect(() => assertNoCanary(Buffer.from(secret))).toThrow('shows the secret')
  expect(() => assertNoCanary(Buffer.from(secret).toString('base64'))).toThrow('shows the secret')
  expect(() => assertNoCanary('password CANARY-unknown')).not.toThrow()
})

it('what is written or published is watched', () => {
  const secret = canary()
  channel('sallyport:warning').publish({ message: `the password is ${secret}` })
  console.debug('told', secret)
  process.stderr.write(`${secret}\n`)
  const places = takeSightings().map((sighting) => sighting.split(': ')[0])
  expect(new Set(places)).toEqual(new Set(['sallyport:warning', 'console.debug', 'stderr']))
})

it('no test can give all objects a new property', () => {
  expect(() => Object.assign(Object.prototype, { polluted: true })).toThrow(TypeError)
})
