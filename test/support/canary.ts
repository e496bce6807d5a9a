// Secrets that must never show: a test makes one, uses it as a password or key, and setup.ts fails the test when it
// turns up in what this process writes or publishes.

import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'

const canaries = new Set<string>()
const sightings: string[] = []

/** A new secret: `CANARY-` and 32 hex digits. */
export function canary(): string {
  const secret = `CANARY-${randomBytes(16).toString('hex')}`
  canaries.add(secret)
  return secret
}

/** Throws when the value, or anything in it, holds a canary as it is, in base64 or in hex. */
export function assertNoCanary(value: unknown, where = 'the text'): void {
  const text = typeof value === 'string' ? value : inspectDeep(value)
  const found = findCanary(text)
  if (found !== undefined) throw new Error(`${where} shows the secret ${found}: ${text.slice(0, 2000)}`)
}

/** Remembers a sighting for {@link takeSightings}; for places that cannot throw. */
export function watchForCanary(where: string, value: unknown): void {
  if (canaries.size === 0) return
  const text = typeof value === 'string' ? value : inspectDeep(value)
  if (findCanary(text) !== undefined) sightings.push(`${where}: ${text.slice(0, 500)}`)
}

/** The sightings since the last call. */
export function takeSightings(): readonly string[] {
  return sightings.splice(0)
}

function findCanary(text: string): string | undefined {
  return [...canaries].find((secret) =>
    [secret, Buffer.from(secret).toString('base64').slice(0, 40), Buffer.from(secret).toString('hex')].some(
      (form) => text.includes(form),
    ),
  )
}

function inspectDeep(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  return inspect(value, { depth: 10, maxStringLength: null, maxArrayLength: null, showHidden: true })
}
