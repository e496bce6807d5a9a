// What was given to a program is hidden where a terminal shows it again, and ordinary words stay.

import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { GivenSecrets } from '../../../src/exec/given-secrets.js'

function hide(text: string, ...given: readonly string[]): string {
  const secrets = new GivenSecrets()
  for (const secret of given) secrets.add(secret)
  return secrets.hide(text)
}

test.each<[string, string, readonly string[]]>([
  ['Password: hunter2\r\nxhunter2x', 'Password: [secret]\r\nx[secret]x', ['hunter2\n']],
  ['Sure? y\r\nyes, already', 'Sure? [secret]\r\nyes, already', ['y\n']],
  ['pin 1-2, a.b and aXb', 'pin [secret], [secret] and aXb', ['1-2\n', 'a.b\n']],
  ['secret-long and secret', '[secret] and [secret]', ['secret', 'secret-long']],
  ['é is é, été is not', '[secret] is [secret], été is not', ['é']],
  ['a\r\nlong one\r\n', '[secret]\r\n[secret]\r\n', ['a\nlong one\n']],
  ['as it was', 'as it was', ['', '\n']],
])('%j becomes %j', (text, shown, given) => {
  expect(hide(text, ...given)).toBe(shown)
})

test('a short secret may have any character', () => {
  for (const character of '\\^$.*+?()[]{}|/-&~@#%') {
    expect(hide(`x ${character}1 y`, `${character}1`)).toBe('x [secret] y')
  }
})

test('nobody who looks at them sees them', () => {
  const secrets = new GivenSecrets()
  secrets.add('CANARY')
  expect(inspect(secrets, { depth: 9, showHidden: true }) + JSON.stringify(secrets)).not.toContain('CANARY')
})
