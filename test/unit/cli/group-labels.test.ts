// Members are called as shortly as they can be told apart.

import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { fileNames, makeOutputDirectory, openHostFile } from '../../../src/cli/group-files.js'
import { labelGateways, labelMembers } from '../../../src/cli/group-labels.js'
import type { Member } from '../../../src/index.js'
import { scratchDir } from '../../support/run-dir.js'

function member(route: string): Member {
  const hops = route.split(' > ')
  const gateway = hops.length === 1 ? undefined : hops.slice(0, -1).join(' > ')
  const host = /@([^:\s]+)/.exec(hops.at(-1) ?? '')?.[1] ?? ''
  return { id: route, host, gateway }
}

describe('a member is called', () => {
  it.each([
    [
      ['ops@web1:22', 'ops@gw:22 > ops@web2:22 (10.0.0.2)'],
      ['web1', 'web2'],
    ],
    [
      ['ops@web1:22', 'root@web1:2200', 'ops@web2:22'],
      ['ops@web1', 'root@web1:2200', 'web2'],
    ],
    [
      ['ops@a:22 > root@h:22', 'ops@b:2200 > root@h:22', 'root@h:22'],
      ['h', 'h via a', 'h via b'],
    ],
    [
      ['x@a:1 > root@h:22', 'x@a:2 > root@h:22'],
      ['h via a:1', 'h via a:2'],
    ],
    [
      ['x@a:1 > root@h:22', 'y@a:1 > root@h:22'],
      ['h via x@a:1', 'h via y@a:1'],
    ],
    [
      ['nc %h > root@h:22', 'ops@b:22 > root@h:22'],
      ['h via b', 'h via nc %h'],
    ],
  ])('%j: %j', (routes, expected) => {
    expect([...labelMembers(routes.map(member)).values()].sort()).toEqual(expected)
  })

  it('by a name of its own, whatever the others are called, and with nothing that steers a terminal', () => {
    const routes = [
      'a@h:1',
      'a@h:2',
      'b@h:1',
      'g@x:1 > a@h:1',
      'g@x:1 > a@h:2',
      'g@y:1 > a@h:1',
      'a\u001b@h:1',
    ]
    const names = [...labelMembers(routes.map(member)).values()]
    expect(new Set(names).size).toBe(routes.length)
    expect(names.join('')).not.toMatch(/\u001b/)
  })
})

it('a gateway is called by its host, and by more only where two have it', () => {
  const members = ['ops@a:22 > r@h1:22', 'ops@b:22 > r@h2:22', 'ops@b:23 > r@h3:22', 'r@h4:22'].map(member)
  expect([...labelGateways(members).values()]).toEqual(['a', 'b', 'b:23'])
})

it('files are named so that they stay in their directory and nobody else has the name', () => {
  const given = ['web1', 'WEB1', '../up', '.hidden', '-o', 'h via a/b', '[::1]:22', 'é', 'x'.repeat(300)]
  const names = [...fileNames(new Map(given.map((label, index) => [`id ${index}`, label]))).values()]
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(given.length)
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9@_%~][A-Za-z0-9@_%~.-]{0,130}$/)
  expect(names.slice(0, 5)).toEqual(['web1', 'WEB1~2', '%2e.%2fup', '%2ehidden', '%2do'])
})

it('a file follows no link, and one that is there is made anew for this user alone', async () => {
  const directory = scratchDir('group-files')
  await makeOutputDirectory(join(directory, 'new', 'one'))
  writeFileSync(join(directory, 'old'), 'what was there', { mode: 0o644 })
  symlinkSync(join(directory, 'old'), join(directory, 'link'))
  await expect(openHostFile(directory, 'link')).rejects.toMatchObject({ code: 'LOCAL_FILE_FAILED' })
  expect(readFileSync(join(directory, 'old'), 'utf8')).toBe('what was there')
  const { stream, path } = await openHostFile(directory, 'old')
  stream.end('new')
  await finished(stream)
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(directory, 'new', 'one')).mode & 0o777).toBe(0o700)
  await expect(makeOutputDirectory(path)).rejects.toMatchObject({ code: 'LOCAL_FILE_FAILED' })
})

it('a directory is made below a link and below `..`, or fails at once where nothing can be made', async () => {
  const directory = scratchDir('group-directories')
  await makeOutputDirectory(`${directory}/a/b/../c//`)
  symlinkSync(join(directory, 'a'), join(directory, 'link'))
  await makeOutputDirectory(join(directory, 'link', 'd'))
  expect(readdirSync(join(directory, 'a')).sort()).toEqual(['b', 'c', 'd'])
  const cause = { code: 'ENOENT' }
  const refused = { code: 'LOCAL_FILE_FAILED', cause }
  await expect(makeOutputDirectory('/proc/nothing/here')).rejects.toMatchObject(refused)
})
