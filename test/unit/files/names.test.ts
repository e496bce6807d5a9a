// Names and paths of transfers, without any file.

import { describe, expect, test } from 'vitest'
import { entryName, joinPath, splitPath, withoutEndSlash } from '../../../src/files/byte-path.js'
import { fileValues, fillTemplate, hostValues } from '../../../src/files/path-template.js'
import { findNameProblem, safeSegment } from '../../../src/files/safe-name.js'
import { isPartialOf, partialBeside, temporaryBeside } from '../../../src/files/temporary-name.js'

describe('a name from the server', () => {
  test.each(['', '.', '..', 'a/b', '/etc', '../x', 'a\0b'])('%j is no name anywhere', (name) => {
    expect(findNameProblem(name, 'linux')).toBeDefined()
    expect(findNameProblem(name, 'win32')).toBeDefined()
  })
  test.each(['a\\b', 'C:', 'C:x', 'a:stream', 'a.', 'a ', 'NUL', 'con.txt', 'LPT1', 'a?', 'a*', 'a\u0001'])(
    '%j is a name, but not on Windows',
    (name) => {
      expect(findNameProblem(name, 'linux')).toBeUndefined()
      expect(findNameProblem(name, 'win32')).toBeDefined()
    },
  )
  test.each(['a', '..a', '.a', '-rf', 'a b', 'é', '~', 'CONSOLE'])('%j is a name everywhere', (name) => {
    expect(findNameProblem(name, 'win32')).toBeUndefined()
  })
})

describe('a template', () => {
  const hop = { index: 0, count: 1, host: '../../etc', user: 'a/b', port: 22 }

  test('never leads out by its values', () => {
    const values = { ...hostValues(hop), ...fileValues('/../var/./log/..') }
    expect(fillTemplate('{host}/{user}/{port}/{dirname}/{basename}', values)).toBe(
      '.._.._etc/a_b/22/__/var/log/__',
    )
    expect(safeSegment('..')).toBe('__')
    expect(safeSegment('')).toBe('_')
  })
  test('has a directory for each of the path’s, and leaves other braces alone', () => {
    const fill = (path: string) => fillTemplate('x/{dirname}/{basename}-{a}{', fileValues(path))
    expect(fill('/var/log/a.txt')).toBe('x/var/log/a.txt-{a}{')
    expect(fill('a.txt')).toBe('x/./a.txt-{a}{')
  })
})

describe('a temporary name', () => {
  test('is in the same directory, is never the same, and fits', () => {
    expect(temporaryBeside('/a/b/c')).toMatch(/^\/a\/b\/\.c\.[0-9a-f]{32}\.part$/)
    expect(temporaryBeside('c')).toMatch(/^\.c\.[0-9a-f]{32}\.part$/)
    expect(temporaryBeside('/c')).toMatch(/^\/\.c\./)
    expect(temporaryBeside('c')).not.toBe(temporaryBeside('c'))
    for (const letter of ['x', 'é', '€', '😀']) {
      const name = String(temporaryBeside(`d/${letter.repeat(200)}`)).slice(2)
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
      expect(name).not.toContain('\ufffd')
    }
  })
  test('keeps bytes that are not UTF-8', () => {
    const path = temporaryBeside(Buffer.from('d/\xff\xfe', 'latin1'))
    expect(path.toString('latin1' as 'utf8')).toMatch(/^d\/\.\xff\xfe\./)
  })
  test('of a resumable transfer is that of the version of its source', () => {
    const version = { from: 'here', size: 3, modifiedAt: new Date(1_500_000_000_400) }
    const name = partialBeside('/a/c', version)
    expect(name).toMatch(/^\/a\/\.c\.[0-9a-f]{32}\.resume\.part$/)
    expect(partialBeside('/a/c', { ...version })).toBe(name)
    for (const other of [{ size: 4 }, { modifiedAt: new Date(1_500_000_000_000) }, { from: 'there' }]) {
      expect(partialBeside('/a/c', { ...version, ...other })).not.toBe(name)
    }
    const raw = (path: string) => Buffer.from(path.slice(3))
    expect(isPartialOf('/a/c', raw(String(name)))).toBe(true)
    expect(isPartialOf('/a/d', raw(String(name)))).toBe(false)
    expect(isPartialOf('/a/c', raw(String(temporaryBeside('/a/c'))))).toBe(false)
  })
})

describe('a path', () => {
  test('is text as long as it can be', () => {
    expect(joinPath('', entryName('a'))).toBe('a')
    expect(joinPath('/', entryName('a'))).toBe('/a')
    expect(joinPath('/b', entryName('é'))).toBe('/b/é')
    const odd = { name: '\ufffd', rawName: Buffer.from([0xff]) }
    expect(joinPath('/b', odd)).toEqual(Buffer.from('/b/\xff', 'latin1'))
    expect(joinPath(Buffer.from('/b/\xff', 'latin1'), entryName('a'))).toEqual(
      Buffer.from('/b/\xff/a', 'latin1'),
    )
  })
  test('is taken apart', () => {
    expect(splitPath('/a')).toMatchObject({ directory: '/', name: { name: 'a' } })
    expect(splitPath('a')).toMatchObject({ directory: '', name: { name: 'a' } })
    expect(splitPath('/a/b')).toMatchObject({ directory: '/a', name: { name: 'b' } })
    expect(['/', '//', 'a//', '/a/'].map(withoutEndSlash)).toEqual(['/', '/', 'a', '/a'])
  })
})
