import { describe, expect, test } from 'vitest'
import { createCollected } from '../../../../../src/config/ssh-config/evaluate/collected.js'
import { parseFile } from '../../../../../src/config/ssh-config/parse/parse.js'

function collect(text: string) {
  const collected = createCollected()
  for (const { lines } of parseFile(text, 'f', {}).blocks) {
    for (const line of lines) if (line.kind === 'directive') collected.add(line)
  }
  return collected
}

const words = (text: string) =>
  [...collect(text).values].map(
    ([keyword, values]) => `${keyword} ${values.map((value) => value.words.join(' '))}`,
  )

describe('ProxyJump and ProxyCommand', () => {
  test.each([
    ['ProxyCommand x\nProxyJump y', ['ProxyCommand x']],
    ['ProxyJump y\nProxyCommand x', ['ProxyJump y']],
    ['ProxyCommand none\nProxyJump y', ['ProxyCommand none']],
    ['ProxyJump y\nProxyCommand none', ['ProxyJump y']],
    ['ProxyJump none\nProxyJump y', ['ProxyJump none']],
    ['ProxyJump none\nProxyCommand x', ['ProxyJump none', 'ProxyCommand x']],
    ['ProxyJump none\nProxyCommand x\nProxyJump y', ['ProxyJump none', 'ProxyCommand x']],
  ])('%j', (text, expected) => {
    expect(words(text)).toEqual(expected)
  })
})

test('the first value wins, lists gather, and SetEnv counts once', () => {
  expect(words('Port 1\nIdentityFile a\nPort 2\nIdentityFile b\nSetEnv A=1\nSetEnv B=2')).toEqual([
    'Port 1',
    'IdentityFile a,b',
    'SetEnv A=1',
  ])
})

test('what came too late is told once for each line, and a line never beats itself', () => {
  const collected = collect('Port 1\nPort 2\nPort 3')
  for (const { origin } of collected.values.get('Port') ?? [])
    collected.add({ keyword: 'Port', words: ['1'], origin })
  collected.add({ keyword: 'Port', words: ['2'], origin: 'f:2' })
  expect([...(collected.beaten.get('Port') ?? [])]).toEqual(['f:2', 'f:3'])
})

test('what is closed takes no further value', () => {
  const collected = collect('Port 1')
  collected.close('HostName')
  collected.add({ keyword: 'HostName', words: ['x'], origin: 'f:9' })
  expect(collected.find('HostName')).toBeUndefined()
  expect([...(collected.beaten.get('HostName') ?? [])]).toEqual(['f:9'])
})
