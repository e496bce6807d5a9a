// Who resolves the name of an inner host: its gateway, and never this machine.

import { createHook } from 'node:async_hooks'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { createNetwork } from '../../src/testing/index.js'
import { keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, knownHostsFile, optionsFor } from '../support/link-up.js'
import { startSshd } from '../support/sshd.js'

/** Runs `work`; the names that this process asked the system or a name server for meanwhile, by whatever function. */
async function lookupsDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const requests: { readonly hostname?: string }[] = []
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'GETADDRINFOREQWRAP' || type === 'QUERYWRAP') requests.push(resource)
    },
  }).enable()
  try {
    await work()
  } finally {
    hook.disable()
  }
  return requests.map(({ hostname = 'a request without a name' }) => hostname)
}

describe('the name of an inner host', () => {
  leakCheck()

  test('is looked up here when there is no gateway, which is how we know that this would be seen', async () => {
    await using direct = new Connection('inner.invalid', { identityAgent: 'none' })
    const names = await lookupsDuring(() =>
      expect(direct.open()).rejects.toMatchObject({ code: 'NAME_NOT_FOUND', hop: { index: 0 } }),
    )
    expect(names).toEqual(['inner.invalid'])
  })

  test('may be known to its gateway alone', async () => {
    await using network = await createNetwork({
      hosts: {
        gate: { listen: true, reaches: ['inner.invalid'] },
        'inner.invalid': { reaches: ['innermost.invalid'] },
        'innermost.invalid': {},
      },
    })
    const { settings, dialer } = network
    await using gate = new Connection('gate', { ...settings, gateway: dialer })
    await using inner = new Connection('inner.invalid', { ...settings, gateway: gate })
    await using innermost = new Connection('x', {
      ...settings,
      gateway: inner,
      hostName: 'innermost.invalid',
    })
    const names = await lookupsDuring(async () => {
      expect(await innermost.run('hostname')).toMatchObject({ stdout: 'innermost.invalid\n' })
      const stream = await gate.dial({ host: 'inner.invalid', port: 22 })
      stream.destroy()
    })
    expect(names).toEqual([])
  })

  test('is what a real gateway is asked for, also when it is of another spelling than ours', async () => {
    await using inner = await startSshd({ name: 'inner', host: '127.0.0.1' })
    await using sshd = await startSshd({ name: 'gateway' })
    const known = `[localhost]:${inner.port} ${inner.hostKeys[0]?.publicLine}\n`
    const options = { ...optionsFor(inner), userKnownHostsFile: [knownHostsFile(known)] }
    await using gateway = connectionTo(sshd)
    await using target = new Connection('LocalHost', { ...options, gateway })
    expect(await lookupsDuring(() => target.run('true'))).toEqual([])
    expect(sshd.forwards()).toEqual([`localhost:${inner.port}`])
  })

  test('is not looked up when the gateway does not know it, nor when it is a command or a dialer', async () => {
    await using sshd = await startSshd({ name: 'gateway' })
    const { publicLine } = await keyPair('host-1')
    expect(readFileSync('/etc/hosts', 'utf8')).not.toContain('inner.invalid')
    const ways: readonly [ConnectionOptions, object][] = [
      [{ gateway: connectionTo(sshd) }, { code: 'NAME_NOT_FOUND', hop: { index: 1 } }],
      [{ gateway: 'echo %h %n >&2; exit 1' }, { stderrTail: 'inner.invalid inner.invalid\n' }],
      [{ gateway: { dial: () => Promise.reject(new Error('unknown')) } }, { code: 'DIALER_FAILED' }],
    ]
    for (const [way, error] of ways) {
      await using target = new Connection('inner.invalid', {
        ...way,
        identityAgent: 'none',
        userKnownHostsFile: [knownHostsFile(`inner.invalid ${publicLine}\n`)],
      })
      const names = await lookupsDuring(() => expect(target.open()).rejects.toMatchObject(error))
      expect(names).toEqual([])
      await target.gateway?.close()
    }
  })
})
