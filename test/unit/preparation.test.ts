// What a connection does before its first use: the look-up of its route, joined, ended, tried again, and kept.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import {
  type ConfigError,
  Connection,
  type ConnectionOptions,
  parseSshConfig,
  resolve,
  type WarningEvent,
} from '../../src/index.js'
import { leakCheck } from '../support/leak-check.js'
import { scratchDir } from '../support/run-dir.js'

const directory = scratchDir('preparation')

/** A connection whose look-up runs `command` first. */
function looksUp(command: string, options: ConnectionOptions = {}): Connection {
  const sshConfig = parseSshConfig(`Match exec "${command}"\n  Port 2200\n`)
  return new Connection('db', { sshConfig, exec: 'allow', config: false, ...options })
}

const forever = 'sleep 60'

describe('a connection', () => {
  it('knows before its first use only what it was given', async () => {
    const connection = new Connection('ops@db', { config: false, sshConfig: parseSshConfig('Port 2200') })
    expect([connection.host, connection.user, connection.port]).toEqual(['db', 'ops', undefined])
    expect(connection.state).toBe('idle')
    expect(JSON.stringify(connection)).toBe('{"hops":["ops@db"],"state":"idle"}')
    await connection.resolve()
    expect(connection.port).toBe(2200)
    expect(JSON.stringify(connection)).toBe('{"hops":["ops@db:2200"],"state":"idle"}')
  })

  it('keeps the route that it has found, whatever the files say later', async () => {
    const file = join(directory, 'changing')
    writeFileSync(file, 'Port 2201\n')
    const options = { sshConfig: file, config: false } as const
    const before = new Connection('db', options)
    const route = await before.resolve()
    writeFileSync(file, 'Port 2202 # later\n')
    expect(await before.resolve()).toBe(route)
    expect(before.port).toBe(2201)
    const after = new Connection('db', options)
    await after.resolve()
    expect(after.port).toBe(2202)
  })

  it('looks its route up once for all who ask', async () => {
    const file = join(directory, 'count')
    const connection = looksUp(`echo x >> ${file}; test $(wc -l < ${file}) = 1`)
    const [one, other] = await Promise.all([connection.resolve(), connection.resolve()])
    expect(other).toBe(one)
    expect(connection.port).toBe(2200)
  })

  it('tries again after a look-up that failed', async () => {
    const file = join(directory, 'broken')
    writeFileSync(file, 'Prot 22\n')
    const connection = new Connection('db', { sshConfig: file, config: false })
    await expect(connection.open()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ origin: `${file}:1` }],
    } satisfies Partial<Record<keyof ConfigError, unknown>>)
    expect(connection.state).toBe('idle')
    writeFileSync(file, 'Port 2200\n')
    await connection.resolve()
    expect(connection.port).toBe(2200)
  })
})

describe('a look-up that takes its time', () => {
  leakCheck()

  it('is over for the caller whose signal is aborted, and goes on for the others', async () => {
    const go = join(directory, 'go')
    const connection = looksUp(`until test -e ${go}; do sleep .01; done`)
    const controller = new AbortController()
    const gone = connection.resolve({ signal: controller.signal })
    const stays = connection.resolve()
    controller.abort('enough')
    await expect(gone).rejects.toMatchObject({ name: 'AbortError', phase: 'resolve', cause: 'enough' })
    writeFileSync(go, '')
    expect((await stays).hops[0]?.port).toBe(2200)
  })

  it('ends with the last who waits for it, command and all', async () => {
    const started = join(directory, 'started')
    const connection = looksUp(`touch ${started}; ${forever} & wait; ${forever}`)
    const controller = new AbortController()
    const open = connection.open({ signal: controller.signal })
    while (!existsSync(started)) await new Promise((resolve) => setImmediate(resolve))
    expect(connection.state).toBe('opening')
    controller.abort()
    await expect(open).rejects.toMatchObject({ name: 'AbortError', phase: 'resolve' })
  })

  it('counts for the time limit of the call', async () => {
    await expect(looksUp(forever).open({ timeoutMs: 100 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      phase: 'resolve',
      message: expect.stringContaining('db: its route was not found within'),
    })
  })

  it('is ended by close, and the next use begins anew', async () => {
    const connection = looksUp(forever)
    const ends: unknown[] = []
    void connection.closed.then((end) => ends.push(end))
    const open = expect(connection.open()).rejects.toMatchObject({ code: 'CLOSED' })
    await connection.close()
    await open
    expect(connection.state).toBe('closed')
    expect(ends).toEqual([{ reason: 'closed' }])
    const again = expect(connection.open({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(connection.state).toBe('opening')
    await again
    const look = expect(connection.resolve({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(connection.state).toBe('idle')
    await look
  })

  it('that never ends holds up neither close() nor the next use', async () => {
    const answers = [() => new Promise<boolean>(() => {}), () => true]
    const exec = () => answers.shift()?.() ?? false
    const sshConfig = parseSshConfig('Match exec "true"\n  Port 2200')
    const connection = new Connection('db', { sshConfig, exec, config: false })
    const left = expect(connection.open({ timeoutMs: 20 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    await left
    await connection.close()
    expect((await connection.resolve()).hops[0]?.port).toBe(2200)
  })

  it('of a gateway ends with the connection that waits for it', async () => {
    const gateway = looksUp(forever)
    const connection = new Connection('far', { gateway, sshConfig: false, config: false })
    const open = expect(connection.open()).rejects.toMatchObject({ code: 'CLOSED' })
    await connection.close()
    await open
    await vi.waitFor(() => expect(gateway.state).toBe('idle'))
  })

  it('does not begin for a signal that is aborted already', async () => {
    const touched = join(directory, 'touched')
    const call = looksUp(`touch ${touched}`).open({ signal: AbortSignal.abort() })
    await expect(call).rejects.toMatchObject({ name: 'AbortError', phase: 'resolve' })
    expect(existsSync(touched)).toBe(false)
  })
})

describe('a command in a configuration', () => {
  it('of a text that was parsed is not run unless it is allowed', async () => {
    const touched = join(directory, 'denied')
    const sshConfig = parseSshConfig(`Match exec "touch ${touched}"\n  Port 2200`, { file: 'given' })
    const options = { sshConfig, config: false } as const
    await expect(new Connection('db', options).open()).rejects.toMatchObject({
      code: 'EXEC_DENIED',
      origin: 'given:1',
    })
    expect(existsSync(touched)).toBe(false)
  })

  it('is not run as a ProxyCommand of such a text either, unless the function allows it', async () => {
    const sshConfig = parseSshConfig('ProxyCommand nc %h %p', { file: 'given' })
    const options = { sshConfig, config: false } as const
    await expect(new Connection('db', options).resolve()).rejects.toMatchObject({ code: 'EXEC_DENIED' })
    const asked: unknown[] = []
    const exec = (request: unknown) => asked.push(request) > 0
    const { hops } = await new Connection('db', { ...options, exec }).resolve()
    expect(hops[0]?.link.kind).toBe('command')
    expect(asked).toEqual([{ command: 'nc db 22', origin: 'given:1' }])
  })

  it('cannot be skipped by a connection, only where a route is shown', () => {
    const options = { exec: 'skip' } as unknown as ConnectionOptions
    expect(() => new Connection('db', options)).toThrow('option exec: skip is for resolve() only')
  })

  it('of a text that was parsed to be looked at is not run by a connection either', async () => {
    const touched = join(directory, 'looked-at')
    const sshConfig = parseSshConfig(`ProxyCommand touch ${touched}`, { exec: 'skip' })
    expect((await resolve('db', { sshConfig, config: false })).hops[0]?.link.kind).toBe('command')
    await expect(new Connection('db', { sshConfig, config: false }).open()).rejects.toThrow('skip')
    expect(existsSync(touched)).toBe(false)
  })

  it('does not concern one who does not need it', async () => {
    const text = 'Host b\n  ProxyCommand nc %h %p\nHost db\n  ProxyCommand nc %h %p\n'
    const options = { sshConfig: parseSshConfig(text), config: false } as const
    for (const way of [{ gateway: false }, { proxyJump: 'a,b' }, { proxyCommand: 'my own' }] as const) {
      await expect(new Connection('db', { ...options, ...way }).resolve()).resolves.toBeDefined()
    }
    const gateway = new Connection('a', { sshConfig: false, config: false })
    await expect(new Connection('db', { ...options, gateway }).resolve()).rejects.toMatchObject({
      code: 'GATEWAY_CONFLICT',
    })
  })

  it('does not run when the function that was to decide failed', async () => {
    const sshConfig = parseSshConfig('Match exec "true"\n  Port 2200', { file: 'given' })
    const exec = () => Promise.reject(new Error('no idea'))
    await expect(resolve('db', { sshConfig, exec, config: false })).rejects.toMatchObject({
      code: 'EXEC_DENIED',
      origin: 'given:1',
      cause: { message: 'no idea' },
    })
  })
})

it.each([
  { sshConfig: 42 },
  { sshConfig: '' },
  { sshConfig: [''] },
  { sshOptions: 'Port=22' },
  { config: true },
  { allowExec: 'yes' },
  { exec: 'maybe' },
])('what cannot be a configuration is refused at once: %o', (options) => {
  const [name] = Object.keys(options)
  expect(() => new Connection('db', options as object)).toThrow(`option ${name}: must be`)
})

it('what a caller changes after the connection was made does not change its route', async () => {
  const sshOptions = ['Port=1']
  const sshConfig: string[] = []
  const config: { user?: string; proxyCommand?: string } = { user: 'ops' }
  const connection = new Connection('db', { sshOptions, sshConfig, config })
  sshOptions.push('ProxyCommand=touch /nowhere')
  sshConfig.push('/nowhere')
  Object.assign(config, { user: 'mallory', proxyCommand: 'touch /nowhere' })
  const [db] = (await connection.resolve()).hops
  expect([db?.user, db?.port, db?.link.kind]).toEqual(['ops', 1, 'tcp'])
})

it('what stands in a prototype is no option', async () => {
  const options = Object.create({ proxyCommand: 'touch /nowhere', user: 'mallory' })
  const [db] = (await resolve('db', Object.assign(options, { sshConfig: false, config: false }))).hops
  expect(db).toMatchObject({ link: { kind: 'tcp' } })
  expect(db?.user).not.toBe('mallory')
})

it('what the configuration says in vain is told when the route is first used, and once', async () => {
  const sshConfig = parseSshConfig(
    'VerifyHostKeyDNS yes\nCertificateFile /none\nHostName 127.0.0.1\nPort 1\n',
  )
  const connection = new Connection('db', { sshConfig, config: false, identityAgent: 'none' })
  const told: string[] = []
  const onWarning = (event: unknown) => told.push((event as WarningEvent).message)
  subscribe('sallyport:warning', onWarning)
  const { warnings } = await connection.resolve()
  expect([warnings.length, told]).toEqual([2, []])
  for (let time = 0; time < 2; time++) await expect(connection.open()).rejects.toThrow('db')
  unsubscribe('sallyport:warning', onWarning)
  expect(told).toEqual(warnings)
})
