import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { HostKeyOffer } from '../../../src/config/callbacks.js'
import type { Settings } from '../../../src/config/settings.js'
import { SallyportError } from '../../../src/errors.js'
import { file, key, other, plan, refusal, useScratchDirectory, verdict } from './judging.js'
import { directHop, keyText } from './sample-keys.js'

useScratchDirectory()

describe('pinned fingerprints', () => {
  test('a pinned key is accepted whatever known_hosts says, and not recorded', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    for (const pin of [key.fingerprint, `${key.fingerprint}=`]) {
      expect(await verdict(key, { hostKeyFingerprints: [other.fingerprint, pin] })).toBe('accepted')
    }
    expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(other)}\n`)
  })

  test('any other key is refused, also a known one, also by no, also with an empty list', async () => {
    await writeFile(file, `db.internal ${keyText(key)}\n`)
    for (const hostKeyFingerprints of [[other.fingerprint], []]) {
      expect(await verdict(key, { hostKeyFingerprints, strictHostKeyChecking: 'no' })).toBe(
        'HOST_KEY_REFUSED',
      )
    }
  })

  test('the callback does not overrule the pins', async () => {
    const settings = { hostKeyFingerprints: [other.fingerprint], verifyHostKey: (): 'accept' => 'accept' }
    expect(await verdict(key, settings)).toBe('HOST_KEY_REFUSED')
  })
})

describe('the callback', () => {
  test('it is told what is offered and what is known', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    const offers: HostKeyOffer[] = []
    const verifyHostKey = (offer: HostKeyOffer): 'accept' => {
      offers.push(offer)
      return 'accept'
    }
    expect(await verdict(key, { verifyHostKey })).toBe('accepted')
    expect(await verdict(other, { verifyHostKey })).toBe('accepted')
    expect(await verdict(key, { verifyHostKey }, { hostName: 'web', port: 2222 })).toBe('accepted')
    const known = [{ type: other.type, fingerprint: other.fingerprint, file, line: 1 }]
    expect(offers).toMatchObject([
      { lookupName: 'db.internal', status: 'changed', known, base64: key.blob.toString('base64') },
      { lookupName: 'db.internal', status: 'known', known },
      { lookupName: '[web]:2222', status: 'unknown', known: [] },
    ])
    expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(other)}\n`)
  })

  test('accept and record adds the key to those that are known', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    expect(await verdict(key, { verifyHostKey: () => 'accept and record' })).toBe('accepted')
    expect(await verdict(key)).toBe('accepted')
    expect(await verdict(other)).toBe('accepted')
  })

  test.each(['refuse', true, 1, 'yes', 'Accept', undefined, null, {}, Promise.resolve(true)])(
    'the value %j refuses',
    async (value) => {
      const verifyHostKey = (() => value) as unknown as NonNullable<Settings['verifyHostKey']>
      expect(await verdict(key, { verifyHostKey, strictHostKeyChecking: 'no' })).toBe('HOST_KEY_REFUSED')
    },
  )

  test('throwing and rejecting refuse, with the cause', async () => {
    const cause = new SallyportError('CANCELLED', 'nobody there')
    const throwing = (): never => {
      throw cause
    }
    for (const verifyHostKey of [throwing, () => Promise.reject(cause)]) {
      expect(await refusal(key, { verifyHostKey })).toMatchObject({ code: 'HOST_KEY_REFUSED', cause })
    }
  })

  test('one that never settles is cut short by the signal, with its reason', async () => {
    const controller = new AbortController()
    const waiting = await plan({ verifyHostKey: () => new Promise(() => {}) }, { signal: controller.signal })
    const verified = waiting.verify(key)
    const reason = new SallyportError('TIMEOUT', 'took too long', { hop: directHop })
    controller.abort(reason)
    await expect(verified).rejects.toBe(reason)
    await expect(plan({}, { signal: AbortSignal.abort('stop') })).rejects.toMatchObject({
      name: 'AbortError',
      cause: 'stop',
    })
  })
})
