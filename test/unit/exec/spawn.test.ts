import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { ConnectError } from '../../../src/errors.js'
import { type SpawnOptions, spawn } from '../../../src/exec/spawn.js'
import { fakeHop, hop } from './fake-session.js'

test("the streams are the command's own, and its end resolves whatever it is", async () => {
  const { acquire, process, counts } = fakeHop()
  const child = await spawn(acquire, 'cat', { env: { A: '1' } })
  expect(child).toMatchObject({ command: 'cat', host: 'web1' })
  child.stdin.end('in')
  expect(await text(process.stdin)).toBe('in')
  process.stdout.write('out')
  process.stderr.write('err')
  process.exit(3)
  expect(await Promise.all([text(child.stdout), text(child.stderr)])).toEqual(['out', 'err'])
  expect(await child.wait()).toEqual({ exitCode: 3, signal: null, coreDumped: false })
  expect(counts.leases).toBe(0)
})

test('output that nobody reads makes the command wait, and is discarded once its end is waited for', async () => {
  const { acquire, process } = fakeHop()
  const child = await spawn(acquire, 'yes')
  while (process.stdout.write('y\n'.repeat(1000))) await turn()
  expect(child.stdout.readableLength).toBeGreaterThan(0)
  process.exit(0)
  expect(await child.wait()).toMatchObject({ exitCode: 0 })
})

test('lines are whole though chunks and characters are not', async () => {
  const { acquire, process } = fakeHop()
  const child = await spawn(acquire, 'x')
  for (const byte of Buffer.from('é€\r\n\n😀\nlast')) process.stdout.write(Buffer.of(byte))
  process.stderr.write('unread')
  process.exit(0)
  expect(await all(child)).toEqual(['é€', '', '😀', 'last'])
  expect(await child.wait()).toMatchObject({ exitCode: 0 })
})

test('a loop may be left and another goes on from there', async () => {
  const { acquire, process } = fakeHop()
  const child = await spawn(acquire, 'x')
  process.stdout.write('starting\nlistening\none\nt')
  for await (const line of child) if (line === 'listening') break
  process.stdout.write('wo\n')
  process.exit(0)
  expect(await all(child)).toEqual(['one', 'two'])
})

test('after a loop that was left the end can be waited for', async () => {
  const { acquire, process } = fakeHop()
  const child = await spawn(acquire, 'x')
  process.stdout.write('first\nsecond\n')
  for await (const _ of child) break
  process.exit(0)
  expect(await child.wait()).toMatchObject({ exitCode: 0 })
})

test('waiting for the end takes no line from a loop that begins in the same turn, nor from one that is left', async () => {
  const { acquire, process } = fakeHop()
  const child = await spawn(acquire, 'x')
  const end = child.wait()
  const lines: string[] = []
  process.stdout.write('one\ntwo\nthree\n')
  for await (const line of child) {
    await turn()
    lines.push(line)
    if (line === 'two') break
  }
  process.exit(0)
  expect(lines).toEqual(['one', 'two'])
  expect(await end).toMatchObject({ exitCode: 0 })
})

test('a line beyond the limit stops the command', async () => {
  const { acquire, process, counts } = fakeHop()
  const child = await spawn(acquire, 'x', { maxLineBytes: 10 })
  process.stdout.write('0123456789\n01234567890')
  const lines: string[] = []
  const reading = (async () => {
    for await (const line of child) lines.push(line)
  })()
  await expect(reading).rejects.toMatchObject({ code: 'OUTPUT_LIMIT', hop })
  expect(lines).toEqual(['0123456789'])
  await expect(child.wait()).rejects.toMatchObject({ code: 'OUTPUT_LIMIT' })
  expect(process.closes).toBe(1)
  expect(counts.leases).toBe(0)
})

test('the loss of the session fails the streams and the end, and is no unhandled rejection', async () => {
  const lost = new ConnectError('CONNECTION_LOST', 'the connection was lost', { hop, phase: 'session' })
  const unwatched = fakeHop()
  await spawn(unwatched.acquire, 'x')
  unwatched.process.lose(lost)

  const { acquire, process, counts } = fakeHop()
  const child = await spawn(acquire, 'x')
  const lines = all(child)
  process.lose(lost)
  await expect(lines).rejects.toBe(lost)
  await expect(child.wait()).rejects.toBe(lost)
  expect(child.stdin.destroyed && child.stderr.destroyed).toBe(true)
  expect([counts.leases, unwatched.counts.leases]).toEqual([0, 0])
})

test('a signal is sent by name; TERM when there is none', async () => {
  const { acquire, process } = fakeHop()
  const child = await spawn(acquire, 'x')
  child.kill()
  child.kill('SIGHUP')
  expect(() => child.kill('no name')).toThrow(TypeError)
  expect(process.signals).toEqual(['TERM', 'SIGHUP'])
  await child.close()
})

test('closing ends it without the other side, once', async () => {
  const { acquire, process, counts } = fakeHop()
  {
    await using child = await spawn(acquire, 'x')
    await child.close()
    await expect(child.wait()).rejects.toMatchObject({ code: 'CLOSED' })
  }
  expect(process).toMatchObject({ signals: ['TERM'], closes: 1 })
  expect(counts.leases).toBe(0)
})

test('closing after the end changes nothing', async () => {
  const { acquire, process } = fakeHop()
  const child = await spawn(acquire, 'x')
  process.exit(0)
  await child.wait()
  await child.close()
  expect(process).toMatchObject({ signals: [], closes: 0 })
  expect(await child.wait()).toMatchObject({ exitCode: 0 })
})

test("the caller's signal ends it while it runs, and has no listener after its end", async () => {
  const controller = new AbortController()
  const removed = vi.spyOn(controller.signal, 'removeEventListener')
  const { acquire, process } = fakeHop()
  const child = await spawn(acquire, 'x', { signal: controller.signal })
  const failed = once(child.stdout, 'error')
  controller.abort()
  await expect(child.wait()).rejects.toMatchObject({ name: 'AbortError' })
  expect(await failed).toMatchObject([{ name: 'AbortError' }])
  expect(process.closes).toBe(1)
  expect(removed).toHaveBeenCalled()
})

test('the limit of time is for the start only', async () => {
  const { acquire, process } = fakeHop()
  const child = await spawn(acquire, 'x', { timeoutMs: 5 })
  await new Promise((resolve) => setTimeout(resolve, 20))
  process.exit(0)
  expect(await child.wait()).toMatchObject({ exitCode: 0 })

  const silent = fakeHop()
  const stuck: typeof acquire = async (options) => {
    const lease = await silent.acquire(options)
    const start = (_: unknown, signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    return { ...lease, session: { ...lease.session, start } }
  }
  await expect(spawn(stuck, 'x', { timeoutMs: 5 })).rejects.toMatchObject({ code: 'TIMEOUT', hop })
  expect(silent.counts.leases).toBe(0)
})

test('a refused channel gives the lease back', async () => {
  const { acquire, counts } = fakeHop()
  const refused = new ConnectError('CHANNEL_REFUSED', 'refused a session channel', { hop, phase: 'channel' })
  const refusing: typeof acquire = async (options) => {
    const lease = await acquire(options)
    return { ...lease, session: { ...lease.session, start: () => Promise.reject(refused) } }
  }
  await expect(spawn(refusing, 'x')).rejects.toBe(refused)
  expect(counts.leases).toBe(0)
})

test.each([{ okExitCodes: [1] }, { maxLineBytes: -1 }, { timeoutMs: 'x' }, { signal: 1 }, { pty: 3 }])(
  '%j is a mistake, found before any work',
  async (options) => {
    const { acquire, counts } = fakeHop()
    await expect(spawn(acquire, 'x', options as SpawnOptions)).rejects.toThrow(TypeError)
    expect(counts.acquired).toBe(0)
  },
)

async function all(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const read: string[] = []
  for await (const line of lines) read.push(line)
  return read
}
