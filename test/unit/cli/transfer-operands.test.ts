import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Invocation, readCommandLine } from '../../../src/cli/command-line.js'
import { MisuseError } from '../../../src/cli/misuse.js'
import { readRequest } from '../../../src/cli/options.js'
import { readGetOperands, readOperand, readPutOperands } from '../../../src/cli/transfer-operands.js'
import { ofConnection, readTransferOptions } from '../../../src/cli/transfer-options.js'

function read(...args: readonly string[]): Invocation {
  const commandLine = readCommandLine(args)
  if (commandLine.ask !== 'command') throw new Error(`asks for ${commandLine.ask}`)
  return commandLine
}

const here = (path: string) => ({ at: 'here', path })
const onHost = (destination: string, path: string) => ({ at: 'host', destination, path })

describe('a name is on a host when a colon stands before its first slash, as with scp', () => {
  it.each([
    ['a.txt', here('a.txt')],
    ['/a:b', here('/a:b')],
    ['./a:b', here('./a:b')],
    ['a/b:c', here('a/b:c')],
    [':a', here(':a')],
    ['[a]b', here('[a]b')],
    ['h:', onHost('h', '')],
    ['h:a:b', onHost('h', 'a:b')],
    ['h:22:b', onHost('h', '22:b')],
    ['u@h:/a b', onHost('u@h', '/a b')],
    ['u@v@h:x', onHost('u@v@h', 'x')],
    ['[::1]:x', onHost('[::1]', 'x')],
    ['u@[fe80::1%eth0]:/x', onHost('u@[fe80::1%eth0]', '/x')],
    ['h:[a]:b', onHost('h', '[a]:b')],
    ['scp://u@h:22/x', onHost('ssh://u@h:22', 'x')],
    ['scp://h//etc/x', onHost('ssh://h', '/etc/x')],
    ['ssh://u@[::1]:22/a%20b', onHost('ssh://u@[::1]:22', 'a b')],
    ['scp://h', onHost('ssh://h', '')],
    ['-', { at: 'stream' }],
  ])('%s', (word, operand) => {
    expect(readOperand(word)).toEqual(operand)
  })

  it('whatever it is, it is read or refused, and quickly', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab@:/[]%-. '), maxLength: 40 }), (word) => {
        try {
          const operand = readOperand(word)
          if (operand.at === 'here') expect(operand.path).toBe(word)
        } catch (error) {
          expect(error).toBeInstanceOf(MisuseError)
        }
      }),
    )
    expect(readOperand('a@'.repeat(50_000)).at).toBe('here')
  })
})

describe('put', () => {
  it('copies the names before the last to the last', () => {
    expect(readPutOperands(read('put', 'a', './b:c', 'h:d'))).toEqual({
      destination: 'h',
      sources: [here('a'), here('./b:c')],
      target: 'd',
    })
    expect(readPutOperands(read('put', '-', 'h:d')).sources).toEqual([{ at: 'stream' }])
  })

  it.each([
    [[], /no host/],
    [['a'], /no host/],
    [['h:a'], /nothing to copy/],
    [['h:a', 'h:b'], /only the last name can be on a host/],
    [['-', 'a', 'h:b'], /standard input goes alone/],
    [['-', 'h:'], /standard input has no name/],
    [['-', 'h:b/'], /standard input has no name/],
    [['', 'h:b'], /a name is empty/],
    [['a', 'scp://h/%zz'], /broken percent sequence/],
    [['a', 'scp://h/%00'], /broken percent sequence/],
  ] as const)('%j is misuse', (words, message) => {
    expect(() => readPutOperands(read('put', ...words))).toThrow(MisuseError)
    expect(() => readPutOperands(read('put', ...words))).toThrow(message)
  })
})

describe('get', () => {
  it('copies into the working directory unless the last name is here', () => {
    expect(readGetOperands(read('get', 'h:a'))).toEqual({
      destination: 'h',
      sources: ['a'],
      target: here('.'),
    })
    expect(readGetOperands(read('get', 'h:a', 'h:b', 'c'))).toMatchObject({
      sources: ['a', 'b'],
      target: here('c'),
    })
    expect(readGetOperands(read('get', 'h:a', '-')).target).toEqual({ at: 'stream' })
  })

  it.each([
    [[], /no host/],
    [['a'], /no host/],
    [['a', 'h:b'], /only the last name can be here/],
    [['h:a', 'i:b', 'c'], /several hosts/],
    [['h:', 'c'], /no path after the host/],
    [['h:a', 'h:b', '-'], /standard output takes one file/],
  ] as const)('%j is misuse', (words, message) => {
    expect(() => readGetOperands(read('get', ...words))).toThrow(MisuseError)
    expect(() => readGetOperands(read('get', ...words))).toThrow(message)
  })
})

describe('flags', () => {
  it('stand before the files, so that no file can be one', () => {
    expect(() => read('put', 'a', '-oProxyCommand=x', 'h:')).toThrow(/an option after the files/)
    expect(() => read('put', 'a', '--', '-r', 'h:')).toThrow(/an option after the files/)
    expect(read('put', '--', '-r', 'h:').words).toEqual(['-r', 'h:'])
    expect(read('put', 'a', '-', 'h:').words).toEqual(['a', '-', 'h:'])
  })

  it('are those of scp: -P is the port, and -p keeps modes and times', () => {
    const invocation = read('put', '-p', '-P', '2200', 'a', 'u@h:')
    expect(readTransferOptions(invocation)).toMatchObject({ preserveMode: true, preserveTimes: true })
    const { destination, options } = readRequest(ofConnection(invocation, 'u@h'))
    expect({ destination, port: options.port }).toEqual({ destination: 'u@h', port: 2200 })
    expect(readTransferOptions(read('put', 'a', 'h:'))).toMatchObject({
      recursive: false,
      preserveTimes: false,
    })
  })

  it('--symlinks is skip, copy or follow', () => {
    expect(readTransferOptions(read('get', '--symlinks', 'follow', 'h:a')).symlinks).toBe('follow')
    expect(readTransferOptions(read('get', 'h:a')).symlinks).toBeUndefined()
    expect(() => readTransferOptions(read('get', '--symlinks=all', 'h:a'))).toThrow(
      /must be skip, copy or follow/,
    )
  })

  it('no agent is forwarded but by -A, as with scp', () => {
    const directives = (...flags: readonly string[]) =>
      readRequest(ofConnection(read('put', ...flags, 'a', 'h:'), 'h')).options.sshOptions
    expect(directives()).toEqual(['ForwardAgent=no'])
    expect(directives('-A')).toEqual([])
    expect(directives('-o', 'ForwardAgent=yes')).toEqual(['ForwardAgent=yes', 'ForwardAgent=no'])
  })
})
