import { expect, test } from 'vitest'
import { hashHostName, matchesHashedName } from '../../../src/hostkeys/hashed-name.js'
import { findHostLines, knownHostsName } from '../../../src/hostkeys/known-hosts.js'
import { ed25519Key, keyText } from './sample-keys.js'

const key = ed25519Key()

function linesFor(name: string, content: string): readonly string[] {
  return findHostLines(content, name).map(({ line, marker, key: found }) =>
    [
      line,
      marker,
      found === undefined ? 'broken' : found.fingerprint === key.fingerprint ? 'key' : 'other',
    ].join(' '),
  )
}

test('names are lower case, and have their port where it is not 22', () => {
  expect(knownHostsName('DB.Internal', 22)).toBe('db.internal')
  expect(knownHostsName('DB', 2222)).toBe('[db]:2222')
  expect(knownHostsName('2001:DB8::1', 22)).toBe('2001:db8::1')
  expect(knownHostsName('2001:db8::1', 2200)).toBe('[2001:db8::1]:2200')
})

test('lists, wildcards, ports, hashes and markers are found, each with its line', () => {
  const content = [
    '# a comment',
    '',
    `web,db ${keyText(key)} comment with words`,
    `  *,!db ${keyText(key)}`,
    `D* ${keyText(key)}`,
    `[db]:2222 ${keyText(key)}`,
    `${hashHostName('db')} ${keyText(key)}`,
    `@revoked\t*\t${keyText(key)}`,
    `@cert-authority d? ${keyText(key)}`,
  ].join('\n')
  expect(linesFor('db', content)).toEqual([
    '3 none key',
    '5 none key',
    '7 none key',
    '8 revoked key',
    '9 cert-authority key',
  ])
  expect(linesFor('[db]:2222', content)).toEqual(['4 none key', '6 none key', '8 revoked key'])
})

test('a broken line hides no other', () => {
  const broken = [
    'db',
    'db ',
    'db ssh-ed25519',
    'db ssh-ed25519 AAAA',
    'db ssh-ed25519 %%%%',
    'db 1024 35 1234567890',
    '@',
    '@revoked',
    '@revoked db',
    '@unknown-marker db ssh-ed25519 AAAA',
    '|1|',
    '|1|x|y ssh-ed25519 AAAA',
    '|',
    ',,,,',
    '\u0000\u0001\ufffd',
  ]
  const content = [...broken, `db ${keyText(key)}`, ...broken].join('\n')
  expect(linesFor('db', content).filter((line) => !line.endsWith('broken'))).toEqual(['16 none key'])
})

test('carriage returns at the end of lines are no part of the key', () => {
  expect(linesFor('db', `db ${keyText(key)}\r\nweb ${keyText(key)}\r\ndb ${keyText(key)}`)).toEqual([
    '1 none key',
    '3 none key',
  ])
})

test('a line ends at a NUL, so that nothing behind one revives or breaks it', () => {
  expect(linesFor('db', `@revoked db ${keyText(key)}\0junk`)).toEqual(['1 revoked key'])
  expect(linesFor('db', `db\0 ${keyText(key)}`)).toEqual(['1 none broken'])
})

test('a hashed name stands for its own name only', () => {
  const hashed = hashHostName('db')
  expect(matchesHashedName('db', hashed)).toBe(true)
  expect(matchesHashedName('dc', hashed)).toBe(false)
  expect(matchesHashedName('db', `${hashed}|`)).toBe(false)
  expect(matchesHashedName('db', `${hashed},db`)).toBe(false)
  expect(matchesHashedName('db', hashHostName('db', Buffer.from('short')))).toBe(false)
  expect(hashed).not.toBe(hashHostName('db'))
})
