import { channel } from 'node:diagnostics_channel'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { ConnectError } from '../../../src/errors.js'
import { type ShellOptions, shell } from '../../../src/exec/shell.js'
import { type FakeProcess, fakeHop, hop } from './fake-session.js'

const { TERM } = process.env

class Terminal extends PassThrough {
  readonly isTTY = true
  readonly modes: boolean[] = []
  isRaw = false
  columns = 100
  rows = 30

  setRawMode(raw: boolean): void {
    this.modes.push(raw)
    this.isRaw = raw
  }
}

/** Runs a shell on a terminal of its own, and `script` on its other side. */
async function session(
  script: (process: FakeProcess, terminal: Terminal) => unknown,
  options?: ShellOptions,
) {
  const stdin = new Terminal()
  const stdout = new Terminal()
  const rig = fakeHop((process) => script(process, stdin))
  const listenersBefore = process.listenerCount('exit')
  const ended = shell(rig.acquire, { stdin, stdout, ...options })
  const result = await ended.catch((error) => error)
  expect(process.listenerCount('exit')).toBe(listenersBefore)
  expect(stdin.eventNames().filter((name) => name === 'data' || name === 'error')).toEqual([])
  expect(stdout.listenerCount('resize')).toBe(0)
  expect(rig.counts.leases).toBe(0)
  return { ...rig, stdin, stdout, result }
}

test('keys and output pass between the terminals until the shell ends', async () => {
  const { stdout, result, requests } = await session(async (process, terminal) => {
    terminal.write('exit 4\r')
    process.stdin.once('readable', () => {
      process.stdout.write(`$ ${process.stdin.read()}`)
      process.exit(4)
    })
  })
  expect(result).toEqual({ exitCode: 4, signal: null, coreDumped: false })
  expect(stdout.writableEnded).toBe(false)
  expect(await text(stdout.end())).toBe('$ exit 4\r')
  expect(requests).toEqual([
    { command: undefined, env: {}, pty: { term: TERM || 'xterm', columns: 100, rows: 30 } },
  ])
})

test('the terminal is raw while the shell lasts, and as it was after', async () => {
  let during: boolean | undefined
  const { stdin } = await session((process, terminal) => {
    setImmediate(() => {
      during = terminal.isRaw
      process.exit(0)
    })
  })
  expect(during).toBe(true)
  expect(stdin.modes).toEqual([true, false])
  expect(stdin.isPaused()).toBe(true)
  expect(stdin.destroyed).toBe(false)
})

test('the terminal is given back when the connection is lost', async () => {
  const lost = new ConnectError('CONNECTION_LOST', 'the connection was lost', { hop, phase: 'session' })
  const { stdin, result } = await session((process) => setImmediate(() => process.lose(lost)))
  expect(result).toBe(lost)
  expect(stdin.modes).toEqual([true, false])
  expect(stdin.isPaused()).toBe(true)
})

test("the terminal is given back when the caller's signal ends the shell", async () => {
  const controller = new AbortController()
  const { stdin, result, process } = await session(() => setImmediate(() => controller.abort()), {
    signal: controller.signal,
  })
  expect(result).toMatchObject({ name: 'AbortError' })
  expect(process.closes).toBe(1)
  expect(stdin.modes).toEqual([true, false])
})

test('the terminal is given back when it cannot be made raw', async () => {
  const { result, process } = await session((_, terminal) => {
    terminal.setRawMode = () => {
      throw new RangeError('setRawMode EIO')
    }
  })
  expect(result).toEqual(new RangeError('setRawMode EIO'))
  expect(process.closes).toBe(1)
})

test("the terminal is given back when the process exits in the shell's middle", async () => {
  const { stdin } = await session((remote, terminal) => {
    setImmediate(() => {
      const [giveBack] = process.listeners('exit').slice(-1)
      giveBack?.(0)
      expect(terminal.isRaw).toBe(false)
      remote.exit(0)
    })
  })
  expect(stdin.isRaw).toBe(false)
})

test('the terminal is not touched while the hop is being opened', async () => {
  const stdin = new Terminal()
  const refused = shell(() => Promise.reject(new Error('no way')), { stdin, stdout: new Terminal() })
  await expect(refused).rejects.toThrow('no way')
  expect(stdin.modes).toEqual([])
  expect(stdin.readableFlowing).toBe(null)
})

test("the window's size is passed on, and each change of it", async () => {
  const stdout = new Terminal()
  const { process } = await session(
    (process) => {
      setImmediate(() => {
        Object.assign(stdout, { columns: 120, rows: 40 }).emit('resize')
        process.exit(0)
      })
    },
    { stdout },
  )
  expect(process.sizes).toEqual(['120x40'])
})

test('keys that the shell does not take stay where they are', async () => {
  const { stdin } = await session((process, terminal) => {
    process.stdin.destroy()
    terminal.write('for the next')
    setImmediate(() => process.exit(0))
  })
  stdin.write(' reader')
  expect(String(stdin.read())).toContain(' reader')
})

test('the end of the input ends the input there', async () => {
  const { result } = await session(async (process, terminal) => {
    terminal.end('last')
    expect(await text(process.stdin)).toBe('last')
    process.exit(0)
  })
  expect(result).toMatchObject({ exitCode: 0 })
})

test('a terminal that fails ends the shell with the same error', async () => {
  const { result, process } = await session((_, terminal) => {
    setImmediate(() => terminal.destroy(new RangeError('read EIO')))
  })
  expect(result).toEqual(new RangeError('read EIO'))
  expect(process.closes).toBe(1)
})

test('without a terminal there is no shell, unless one is asked for', async () => {
  const pipes = { stdin: new PassThrough(), stdout: new PassThrough() }
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(pipes.stdin as unknown as typeof process.stdin)
  vi.spyOn(process, 'stdout', 'get').mockReturnValue(pipes.stdout as unknown as typeof process.stdout)
  try {
    const { acquire, counts } = fakeHop()
    await expect(shell(acquire)).rejects.toMatchObject({ code: 'TERMINAL_NEEDED' })
    expect(counts.acquired).toBe(0)

    const forced = fakeHop((process) => process.exit(0))
    await shell(forced.acquire, { columns: 132, term: 'ansi', command: ['top', '-b'] })
    expect(forced.requests).toEqual([
      { command: "'top' '-b'", env: {}, pty: { term: 'ansi', columns: 132, rows: 24 } },
    ])
  } finally {
    vi.restoreAllMocks()
  }
})

test('its channel is told of, and its command is not', async () => {
  const events: unknown[] = []
  const listen = (event: unknown): number => events.push(event)
  channel('sallyport:channel').subscribe(listen)
  try {
    await session((process) => process.exit(0), { command: 'CANARY' })
  } finally {
    channel('sallyport:channel').unsubscribe(listen)
  }
  expect(events).toMatchObject([
    { hop, kind: 'shell', state: 'open' },
    { hop, kind: 'shell', state: 'closed', error: undefined },
  ])
  expect(JSON.stringify(events)).not.toContain('CANARY')
})

test.each([
  { pty: true },
  { stdin: 1 },
  { stdout: {} },
  { columns: 0 },
  { rows: 1.5 },
  { term: 'a\nb' },
  { timeoutMs: {} },
])('%j is a mistake, found before any work', async (options) => {
  const { acquire, counts } = fakeHop()
  await expect(shell(acquire, options as unknown as ShellOptions)).rejects.toThrow(TypeError)
  expect(counts.acquired).toBe(0)
})
