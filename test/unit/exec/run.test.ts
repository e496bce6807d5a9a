import { once } from 'node:events'
import { PassThrough, Readable, Writable } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import { CommandError, ConnectError } from '../../../src/errors.js'
import { type RunOptions, run } from '../../../src/exec/run.js'
import { type FakeProcess, fakeHop, hop } from './fake-session.js'

/** Says something, and exits. */
const says =
  (stdout: string, stderr = '', exitCode: number | null = 0, signal: string | null = null) =>
  (process: FakeProcess) => {
    process.stdout.write(stdout)
    process.stderr.write(stderr)
    process.exit(exitCode, signal)
  }

async function failure(promise: Promise<unknown>): Promise<CommandError> {
  return promise.then(
    () => expect.unreachable('it did not fail'),
    (error) => error,
  )
}

describe('a result', () => {
  test('has the output, the status, and the command as it was given', async () => {
    const { acquire, requests, counts } = fakeHop(says('out\n', 'err\n'))
    const result = await run(acquire, ['ls', 'a b'], { cwd: '/srv', env: { A: '1' } })
    expect(result).toEqual({
      command: "'ls' 'a b'",
      host: 'web1',
      stdout: 'out\n',
      stderr: 'err\n',
      exitCode: 0,
      signal: null,
      durationMs: expect.any(Number),
    })
    expect(Object.isFrozen(result)).toBe(true)
    expect(requests).toEqual([
      { command: "cd '/srv' || exit; export A='1' || exit\n'ls' 'a b'", env: {}, pty: undefined },
    ])
    expect(counts).toEqual({ acquired: 1, leases: 0 })
  })

  test('has text whole though characters were split', async () => {
    const { acquire } = fakeHop((process) => {
      for (const byte of Buffer.from('é€😀')) process.stdout.write(Buffer.of(byte))
      process.exit(0)
    })
    const pieces: string[] = []
    expect((await run(acquire, 'x', { onStdout: (text) => pieces.push(text) })).stdout).toBe('é€😀')
    expect(pieces).toEqual(['é', '€', '😀'])
  })

  test('has the very bytes when asked for', async () => {
    const { acquire } = fakeHop((process) => {
      process.stdout.write(Buffer.of(0xff, 0))
      process.exit(0)
    })
    const { stdout } = await run(acquire, 'x', { encoding: 'buffer' })
    expect(stdout).toEqual(Buffer.of(0xff, 0))
  })

  test('may have a status that was widened to count as success', async () => {
    expect((await run(fakeHop(says('', '', 1)).acquire, 'x', { okExitCodes: [0, 1] })).exitCode).toBe(1)
    expect((await run(fakeHop(says('', '', 9)).acquire, 'x', { okExitCodes: 'any' })).exitCode).toBe(9)
    const killed = fakeHop(says('', '', null, 'SIGKILL')).acquire
    expect((await run(killed, 'x', { okExitCodes: 'any' })).signal).toBe('SIGKILL')
  })
})

describe('a failed command', () => {
  test('is an error with the shape of a result, naming host, status and what stderr said first', async () => {
    const { acquire, counts } = fakeHop(says('so far', '\n\u001b[31mno such file\u202e\nmore', 3))
    const error = await failure(run(acquire, 'x'))
    expect(error).toBeInstanceOf(CommandError)
    expect(error).toMatchObject({ code: 'COMMAND_FAILED', exitCode: 3, stdout: 'so far', host: 'web1', hop })
    expect(error.message).toBe('web1: the command exited with status 3: \\x1b[31mno such file\\u202e')
    expect(counts.leases).toBe(0)
  })

  test('may have ended by a signal', async () => {
    const { acquire } = fakeHop((process) => process.exit(null, 'SIGSEGV', true))
    const error = await failure(run(acquire, 'x'))
    expect(error).toMatchObject({ code: 'COMMAND_FAILED', exitCode: null, signal: 'SIGSEGV' })
    expect(error.message).toBe('web1: the command was ended by SIGSEGV (core dumped)')
  })

  test.each([[[0]], ['any']] as const)(
    'may have no status at all, which %j does not accept',
    async (okExitCodes) => {
      const error = await failure(run(fakeHop(says('', '', null)).acquire, 'x', { okExitCodes }))
      expect(error).toMatchObject({ code: 'COMMAND_FAILED', exitCode: null, signal: null })
      expect(error.message).toBe('web1: the command ended, but the server gave no exit status')
    },
  )
})

describe('a command that is cut off', () => {
  test('by its time is sent TERM and closed, with its output so far in the error', async () => {
    const { acquire, process, counts } = fakeHop((process) => process.stdout.write('begun'))
    const error = await failure(run(acquire, 'x', { timeoutMs: 30 }))
    expect(error).toMatchObject({ code: 'COMMAND_TIMEOUT', stdout: 'begun', exitCode: null, hop })
    expect(error.message).toBe('web1: the command did not end within 30 ms')
    expect(process).toMatchObject({ signals: ['TERM'], closes: 1 })
    expect(counts.leases).toBe(0)
  })

  test('by its output limit keeps that much of both streams together', async () => {
    const { acquire, process } = fakeHop((process) => {
      process.stderr.write('1234')
      process.stdout.write('12345678')
    })
    const error = await failure(run(acquire, 'x', { maxOutputBytes: 10 }))
    expect(error).toMatchObject({ code: 'OUTPUT_LIMIT' })
    expect(error.stdout.length + error.stderr.length).toBe(10)
    expect(process.closes).toBe(1)
  })

  test('not by output of exactly the limit', async () => {
    expect((await run(fakeHop(says('12345')).acquire, 'x', { maxOutputBytes: 5 })).stdout).toBe('12345')
  })

  test('by the loss of its session names the hop that was lost', async () => {
    const gateway = { index: 0, count: 2, user: 'ops', host: 'edge', port: 22 }
    const lost = new ConnectError('CONNECTION_LOST', 'the connection was lost', {
      hop: gateway,
      phase: 'session',
    })
    const { acquire, counts } = fakeHop((process) => {
      process.stdout.write('begun', () => process.lose(lost))
    })
    const error = await failure(run(acquire, 'x'))
    expect(error).toBeInstanceOf(CommandError)
    expect(error).toMatchObject({ code: 'CONNECTION_LOST', hop: gateway, cause: lost, stdout: 'begun' })
    expect(error).toMatchObject({ host: 'web1', retryable: true })
    expect(counts.leases).toBe(0)
  })

  test('by the caller rejects at once, though nobody answers', async () => {
    const controller = new AbortController()
    const { acquire, process, counts } = fakeHop(() => controller.abort('enough'))
    const error = await failure(run(acquire, 'x', { signal: controller.signal }))
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: 'enough' })
    expect(process).toMatchObject({ signals: ['TERM'], closes: 1 })
    expect(counts.leases).toBe(0)
  })
})

describe("the caller's signal", () => {
  test('that was aborted before keeps the hop from being opened', async () => {
    const { acquire, counts } = fakeHop()
    const error = await failure(run(acquire, 'x', { signal: AbortSignal.abort() }))
    expect(error).toMatchObject({ code: 'ABORT_ERR' })
    expect(counts.acquired).toBe(0)
  })

  test('has no listener left after success and after failure', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await run(fakeHop(says('')).acquire, 'x', { signal })
    await failure(run(fakeHop(says('', '', 1)).acquire, 'x', { signal }))
    await failure(run(() => Promise.reject(new Error('no way')), 'x', { signal }))
    expect(added).toHaveBeenCalledTimes(3)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      expect.arrayContaining(added.mock.calls.map(([, listener]) => listener)),
    )
  })
})

describe('input', () => {
  const echoes = async (process: FakeProcess): Promise<void> => {
    for await (const chunk of process.stdin) process.stdout.write(chunk)
    process.exit(0)
  }

  test.each<readonly [string, RunOptions['input'], string]>([
    ['none', undefined, ''],
    ['text', 'é', 'é'],
    ['bytes', Buffer.from('abc'), 'abc'],
    ['a stream', Readable.from(['a', Buffer.from('b')]), 'ab'],
    [
      'an iterable',
      (async function* () {
        yield 'a'
        yield Buffer.from('b')
      })(),
      'ab',
    ],
  ])('may be %s, and ends', async (_, input, output) => {
    expect((await run(fakeHop(echoes).acquire, 'cat', { input })).stdout).toBe(output)
  })

  test('waits while the command does not read', async () => {
    let given = 0
    const input = Readable.from(
      (async function* () {
        for (; ; given += 1) yield Buffer.alloc(65_536)
      })(),
    )
    const { acquire, process } = fakeHop()
    const running = run(acquire, 'sleep 100', { input })
    await once(input, 'pause')
    const before = given
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(given - before).toBeLessThan(32)
    process.exit(0)
    await running
    expect(input.destroyed).toBe(true)
  })

  test('that the command does not read is no failure, and its source is released', async () => {
    const input = new PassThrough()
    input.write('never read')
    const { acquire } = fakeHop((process) => {
      process.stdin.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      process.exit(0)
    })
    await expect(run(acquire, 'true', { input })).resolves.toMatchObject({ exitCode: 0 })
    expect(input.destroyed).toBe(true)
  })

  test('of an iterable is returned when the command ends first', async () => {
    const returned = vi.fn(async () => ({ done: true as const, value: undefined }))
    const input = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}), return: returned }),
    }
    await run(fakeHop(says('')).acquire, 'true', { input })
    expect(returned).toHaveBeenCalledTimes(1)
  })

  test.each<readonly [string, () => RunOptions['input']]>([
    [
      'fails',
      () =>
        Readable.from(
          (async function* () {
            yield 'a'
            throw new RangeError('mine')
          })(),
        ),
    ],
    ['has failed before', () => new PassThrough().on('error', () => {}).destroy(new RangeError('mine'))],
  ])('whose source %s rejects the call with the same error', async (_, make) => {
    const { acquire, process, counts } = fakeHop()
    await expect(run(acquire, 'cat', { input: make() })).rejects.toThrow(new RangeError('mine'))
    expect(process.closes).toBe(1)
    expect(counts.leases).toBe(0)
  })

  test('of something else than text and bytes rejects the call', async () => {
    const input = Readable.from([{ no: 'bytes' }]) as RunOptions['input']
    await expect(run(fakeHop().acquire, 'cat', { input })).rejects.toThrow(TypeError)
  })

  test('is released when the hop cannot be opened, and heard when it fails meanwhile', async () => {
    const input = new PassThrough()
    await failure(run(() => Promise.reject(new Error('no way')), 'cat', { input }))
    expect(input.destroyed).toBe(true)

    const failing = new PassThrough()
    const opening = run(
      ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('gave up')))),
      'cat',
      { input: failing },
    )
    failing.destroy(new RangeError('no such file'))
    await expect(opening).rejects.toThrow(new RangeError('no such file'))
  })
})

describe('live output', () => {
  test('goes to a stream at its pace, and is not ended', async () => {
    let done: () => void = () => {}
    const chunks: string[] = []
    const stdout = new Writable({
      highWaterMark: 1,
      write(chunk, _, callback) {
        chunks.push(String(chunk))
        done = callback
      },
    })
    const { acquire, process } = fakeHop()
    const running = run(acquire, 'x', { stdout })
    await vi.waitFor(() => expect(process.stdout.listenerCount('data')).toBeGreaterThan(0))
    process.stdout.write('one')
    process.stdout.write('two')
    await vi.waitFor(() => expect(process.stdout.isPaused()).toBe(true))
    process.exit(0)
    expect(chunks).toEqual(['one'])
    done()
    await vi.waitFor(() => expect(chunks).toEqual(['one', 'two']))
    done()
    expect((await running).stdout).toBe('onetwo')
    expect(stdout.writableEnded).toBe(false)
    expect(stdout.eventNames().flatMap((name) => stdout.listeners(name))).toEqual([])
  })

  test('to a stream that fails stops the command with the same error', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, callback) => callback(new RangeError('disk full')),
    })
    const { acquire, process } = fakeHop((process) => process.stdout.write('x'))
    await expect(run(acquire, 'x', { stdout })).rejects.toThrow(new RangeError('disk full'))
    expect(process.closes).toBe(1)
  })

  test('to a stream that was closed is kept for the result all the same', async () => {
    const stdout = new PassThrough().destroy()
    expect((await run(fakeHop(says('x')).acquire, 'x', { stdout })).stdout).toBe('x')
  })

  test('to a function that throws stops the command with the same error', async () => {
    const onStderr = (): never => {
      throw new RangeError('mine')
    }
    const { acquire } = fakeHop((process) => process.stderr.write('x'))
    await expect(run(acquire, 'x', { onStderr })).rejects.toThrow(new RangeError('mine'))
  })
})

test('a terminal is asked for with its defaults or in particular', async () => {
  const { acquire, requests } = fakeHop(says(''))
  await run(acquire, 'x', { pty: true })
  const other = fakeHop(says(''))
  await run(other.acquire, 'x', { pty: { term: 'xterm-256color', columns: 132 } })
  expect([...requests, ...other.requests].map(({ pty }) => pty)).toEqual([
    { term: 'vt100', columns: 80, rows: 24 },
    { term: 'xterm-256color', columns: 132, rows: 24 },
  ])
})

test.each([
  { timeoutMs: '5' },
  { timeoutMs: -1 },
  { timeoutMs: 2 ** 31 },
  { signal: {} },
  { maxOutputBytes: 0.5 },
  { okExitCodes: 1 },
  { okExitCode: [1] },
  { timeout: 5 },
  { okExitCodes: ['0'] },
  { onStdout: 'x' },
  { stdout: {} },
  { encoding: 'latin1' },
  { input: 7 },
  { input: ['a'] },
  { pty: null },
  { pty: 'yes' },
  { pty: { columns: 0 } },
  { pty: { term: 'a b' } },
  { cwd: 1 },
  { env: { A: 1 } },
])('%j is a mistake, found before any work', async (options) => {
  const { acquire, counts } = fakeHop()
  await expect(run(acquire, 'x', options as RunOptions)).rejects.toThrow(TypeError)
  expect(counts.acquired).toBe(0)
})
