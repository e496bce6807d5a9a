// The machine that the judge of ssh_config believes to be on: what stands in its /etc, its home directory, and its
// environment. Our side is told the same.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/** What both sides are to see of the world. */
export interface OracleWorld {
  readonly home: string
  /** What ssh sees as /etc/ssh; what stands above it, it sees as /etc. */
  readonly etc: string
  readonly env: Readonly<Record<string, string>>
  /** What /etc/hosts says about names; all others fail at once. */
  readonly addresses: ReadonlyMap<string, { readonly address: string; readonly canonicalName: string }>
}

/** Makes it below a directory. */
export function makeWorld(directory: string): OracleWorld {
  const [home, wholeEtc] = [join(directory, 'home'), join(directory, 'etc')]
  const etc = join(wholeEtc, 'ssh')
  for (const path of [home, wholeEtc, etc]) mkdirSync(path, { mode: 0o755 })
  for (const name of ['group', 'ld.so.cache']) copyFileSync(`/etc/${name}`, join(wholeEtc, name))
  const lists = ['passwd', 'group', 'hosts', 'services']
  const texts = {
    passwd: passwdWithHome(home),
    hosts: hostLines.join('\n'),
    services: 'ssh 22/tcp\nhttp 80/tcp www\nhttps 443/tcp\n',
    'nsswitch.conf': lists.map((list) => `${list}: files\n`).join(''),
  }
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(wholeEtc, name), text)
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    SHELL: '/bin/sh',
    LC_ALL: 'C',
    ORACLE: 'value',
    ORACLE_EMPTY: '',
    ORACLE_DIR: '~/.ssh',
  }
  return { home, etc, env, addresses: new Map(hostLines.flatMap((line) => addressesOf(line))) }
}

// Names with a dot at their end: so ssh asks for a name that it made with a canonical domain.
const hostLines = [
  '10.1.0.1 db.one.test db.one.test.',
  '10.1.0.2 web.two.test web.two.test.',
  '10.1.0.3 real.two.test real.two.test. alias.one.test. alias.one.test',
  '10.1.0.4 a.b.one.test a.b.one.test.',
  '10.1.0.5 plain',
  '::1 localhost',
  '',
]

type Entry = readonly [name: string, known: { readonly address: string; readonly canonicalName: string }]

function addressesOf(line: string): readonly Entry[] {
  const [address = '', canonicalName = '', ...aliases] = line.split(' ')
  return [canonicalName, ...aliases].map((name) => [name, { address, canonicalName }])
}

function passwdWithHome(home: string): string {
  const { username, uid, gid } = userInfo()
  const others = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .filter((line) => line.split(':')[2] !== String(uid))
  return [`${username}:x:${uid}:${gid}:oracle:${home}:/bin/sh`, ...others].join('\n')
}
