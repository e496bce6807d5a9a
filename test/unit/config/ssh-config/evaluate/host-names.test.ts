import { expect, test } from 'vitest'
import { hostNamesOf } from '../../../../../src/config/ssh-config/evaluate/host-names.js'
import { parseFile } from '../../../../../src/config/ssh-config/parse/parse.js'

const namesIn = (text: string) => hostNamesOf(parseFile(text, 'f', {}).blocks)

test('the names of Host lines are found, patterns are not, each once', () => {
  expect(namesIn('Host a *.b !c d?\nHost d a\nMatch host e\nHost __proto__\n')).toEqual([
    'a',
    'd',
    '__proto__',
  ])
})

test('the hosts of a ProxyJump are found where they stand', () => {
  const text =
    'Host a\nProxyJump me@gw:22,ssh://you@far:2200,[fd00::1]:22\nHost b\nProxyJump none\nHost c\nProxyJump %h-gw\n'
  expect(namesIn(text)).toEqual(['a', 'gw', 'far', 'fd00::1', 'b', 'c'])
})
