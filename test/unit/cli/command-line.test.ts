import { describe, expect, it } from 'vitest'
import { type Invocation, readCommandLine } from '../../../src/cli/command-line.js'
import { MisuseError } from '../../../src/cli/misuse.js'

function read(...args: readonly string[]): Invocation {
  const commandLine = readCommandLine(args)
  if (commandLine.ask !== 'command') throw new Error(`asks for ${commandLine.ask}`)
  return commandLine
}

const flag = (letter: string, value = '') => ({ letter, value })

describe('flags are read as getopt does', () => {
  it('with their value apart or attached, and in groups', () => {
    const flags = [flag('-v'), flag('-t'), flag('-p', '2200'), flag('-l', 'ops'), flag('-J', 'a,b')]
    expect(read('run', '-v', '-t', '-p', '2200', '-l', 'ops', '-J', 'a,b', 'h', 'c').flags).toEqual(flags)
    expect(read('run', '-vt', '-p2200', '-lops', '-Ja,b', 'h', 'c').flags).toEqual(flags)
    expect(read('run', '-vtp2200', '-lops', '-Ja,b', 'h', 'c').flags).toEqual(flags)
  })

  it('a value may begin with a dash', () => {
    expect(read('run', '-l', '-v', 'h', 'c').flags).toEqual([flag('-l', '-v')])
  })

  it('words stand with two dashes, and are never taken for letters', () => {
    expect(read('check', '--json', '-v', 'h').flags).toEqual([flag('--json'), flag('-v')])
    expect(() => read('check', '-json', 'h')).toThrow(/no option -j/)
    expect(() => read('check', '--v', 'h')).toThrow(/no option --v/)
  })

  it('in the order in which they were written, and as often', () => {
    const { flags } = read('run', '-i', 'a', '-v', '-i', 'b', '-v', 'h', 'c')
    expect(flags).toEqual([flag('-i', 'a'), flag('-v'), flag('-i', 'b'), flag('-v')])
  })

  it('before the host and, as with ssh, right after it', () => {
    expect(read('run', '-v', 'h', '-p', '22', 'c', '-v')).toMatchObject({
      flags: [flag('-v'), flag('-p', '22')],
      host: 'h',
      words: ['c', '-v'],
    })
  })
})

describe('after the first word of the command everything is the command', () => {
  it.each([
    [
      ['run', 'h', 'uptime', '-a', '--help', '-p', 'x'],
      ['uptime', '-a', '--help', '-p', 'x'],
    ],
    [
      ['run', 'h', '--', 'uptime', '-a'],
      ['uptime', '-a'],
    ],
    [['run', 'h', '--', '-a'], ['-a']],
    [['run', '--', 'h', '-a'], ['-a']],
    [
      ['run', 'h', 'a', '--', 'b'],
      ['a', '--', 'b'],
    ],
    [['run', 'h', '-'], ['-']],
  ])('%j', (args, words) => {
    expect(read(...args)).toMatchObject({ host: 'h', words })
  })
})

describe('help and version are found', () => {
  it.each(['run', 'shell', 'demo'])('at %s', (command) => {
    expect(readCommandLine([command, '--help'])).toEqual({ ask: 'help', command })
    expect(readCommandLine([command, '-h'])).toEqual({ ask: 'help', command })
    expect(readCommandLine([command, '--version'])).toEqual({ ask: 'version' })
  })

  it('at the top', () => {
    expect(readCommandLine(['--help'])).toEqual({ ask: 'help', command: undefined })
    expect(readCommandLine(['-V'])).toEqual({ ask: 'version' })
  })
})

describe('misuse is told, with the place of help', () => {
  it.each([
    [[], /no command given/, 'see sallyport --help'],
    [['frobnicate'], /no command "frobnicate"/, 'see sallyport --help'],
    [['__proto__'], /no command/, 'see sallyport --help'],
    [['run'], /no host given/, 'see sallyport run --help'],
    [['run', '-X', 'h', 'c'], /no option -X/, 'see sallyport run --help'],
    [['run', '--port', '22', 'h', 'c'], /no option --port/, 'see sallyport run --help'],
    [['run', '--p', '22', 'h', 'c'], /no option --p/, 'see sallyport run --help'],
    [['run', '-p'], /-p needs a value/, 'see sallyport run --help'],
    [['run', 'h'], /no command given/, expect.stringContaining('sallyport shell host')],
    [['shell', 'h', 'uptime'], /takes a host and nothing after it/, expect.stringContaining('run -t')],
    [['shell', '-n', 'h'], /no option -n/, 'see sallyport shell --help'],
    [['demo', 'h'], /takes no arguments/, 'see sallyport demo --help'],
  ] as const)('%j', (args, message, hint) => {
    expect(() => readCommandLine(args)).toThrow(MisuseError)
    expect(() => readCommandLine(args)).toThrow(expect.objectContaining({ hint }))
    expect(() => readCommandLine(args)).toThrow(message)
  })
})
