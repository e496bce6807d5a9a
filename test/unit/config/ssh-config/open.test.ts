import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ExecPolicy, SshConfigQuery } from '../../../../src/config/ssh-config/answer.js'
import { type OpenOptions, parseSshConfig } from '../../../../src/config/ssh-config/open.js'
import type { ConfigError } from '../../../../src/errors.js'
import { leakCheck } from '../../../support/leak-check.js'
import { sshConfigRig } from './rig.js'

leakCheck()

const rig = sshConfigRig()
const { write, open } = rig

async function lookUp(query: SshConfigQuery | string, options: Partial<OpenOptions> = {}) {
  return open(options).lookUp(typeof query === 'string' ? { host: query } : query)
}

type Answer = Awaited<ReturnType<typeof lookUp>>
const valuesOf = ({ values }: Answer) =>
  Object.fromEntries(
    [...values].map(([name, list]) => [name, list.map(({ words }) => words.join(' ')).join(', ')]),
  )

const failure = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: ConfigError) => error,
  )

describe('which files', () => {
  test("the user's file comes before the system's, and each value knows its line", async () => {
    write('home/.ssh/config', '# mine\nHost db\n  Port 1\n')
    write('etc/ssh_config', 'Port 2\nUser sys\n')
    const answer = await lookUp('db')
    expect(valuesOf(answer)).toEqual({ Port: '1', User: 'sys' })
    expect(answer.values.get('Port')?.[0]?.origin).toBe('~/.ssh/config:3')
    expect(answer.beaten.get('Port')).toEqual([`${rig.directory}/etc/ssh_config:1`])
  })

  test('missing default files say nothing', async () => {
    expect(valuesOf(await lookUp('db'))).toEqual({})
  })

  test('named files replace both, in their order; no file at all is no answer', async () => {
    write('home/.ssh/config', 'User nobody\n')
    const files = [write('one', 'Port 1\n'), write('two', 'Port 2\nUser two\n')]
    expect(valuesOf(await lookUp('db', { files }))).toEqual({ Port: '1', User: 'two' })
    expect(valuesOf(await lookUp('db', { files: [] }))).toEqual({})
  })

  test('a named file must be there', async () => {
    const error = await failure(lookUp('db', { files: ['~/nope'] }))
    expect(error).toMatchObject({ code: 'CONFIG_UNUSABLE', origin: '~/nope' })
  })

  test('what others may write is refused for the user and for included files, but not for a named file', async () => {
    const named = write('named', 'Port 1\n', 0o666)
    expect(valuesOf(await lookUp('db', { files: [named] }))).toEqual({ Port: '1' })
    write('home/.ssh/config', 'Port 1\n', 0o620)
    expect(await failure(lookUp('db'))).toMatchObject({ code: 'CONFIG_UNUSABLE', origin: '~/.ssh/config' })
    write('home/.ssh/config', 'Host nobody\nInclude more\n')
    write('home/.ssh/more', '', 0o602)
    expect(await failure(lookUp('db'))).toMatchObject({ code: 'CONFIG_UNUSABLE', origin: '~/.ssh/more' })
  })

  test('a change between two look-ups is seen', async () => {
    const config = open()
    write('home/.ssh/config', 'Port 1\n')
    expect(valuesOf(await config.lookUp({ host: 'db' }))).toEqual({ Port: '1' })
    write('home/.ssh/config', 'Port 2\n')
    expect(valuesOf(await config.lookUp({ host: 'db' }))).toEqual({ Port: '2' })
  })

  test('a change during a look-up is not seen by its second pass', async () => {
    const included = write('home/.ssh/more', 'Port 1\n')
    write(
      'home/.ssh/config',
      'Include more\nMatch final exec "echo User late >> %d/.ssh/more; true"\nInclude more\n',
    )
    const config = open()
    expect(valuesOf(await config.lookUp({ host: 'db' }))).toEqual({ Port: '1' })
    expect(valuesOf(await config.lookUp({ host: 'db' }))).toEqual({ Port: '1', User: 'late' })
    expect(included).toContain('more')
  })
})

describe('Include', () => {
  test('files come in the order of their names, relative ones from ~/.ssh, and the block goes on afterwards', async () => {
    write('home/.ssh/config', 'Host db\nInclude conf.d/*\nUser own\nHost *\nUser other\n')
    write('home/.ssh/conf.d/20', 'Port 20\nHost nobody\nUser no\n')
    write('home/.ssh/conf.d/10', 'Compression yes\nPort 10\n')
    expect(valuesOf(await lookUp('db'))).toEqual({ Port: '10', Compression: 'yes', User: 'own' })
    expect(valuesOf(await lookUp('web'))).toEqual({ User: 'other' })
  })

  test('tokens, variables and a tilde are expanded', async () => {
    write('home/.ssh/config', `Include ~/%h.conf \${WHERE}/extra\n`)
    write('home/db.conf', 'Port 7\n')
    write('there/extra', 'User extra\n')
    const env = { WHERE: join(rig.directory, 'there') }
    expect(valuesOf(await lookUp('db', { env }))).toEqual({ Port: '7', User: 'extra' })
  })

  test('a tilde in the system file is a mistake, and what is relative there stands beside it', async () => {
    write('etc/ssh_config', 'Include more\n')
    write('etc/more', 'Port 3\n')
    expect(valuesOf(await lookUp('db'))).toEqual({ Port: '3' })
    write('etc/ssh_config', 'Include ~/more\n')
    expect(await failure(lookUp('db'))).toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('of a text reads nothing unless that is allowed, and says so', async () => {
    const path = write('home/secret', 'hunter2\n')
    const text = `Port 1\nHost nobody\nInclude ${path}\n`
    const error = await failure(parseSshConfig(text, { file: 'pasted' }).lookUp({ host: 'db' }))
    expect(error?.problems).toEqual([
      { origin: 'pasted:3', message: 'Include would read files, which is not allowed here' },
    ])
    expect(await parseSshConfig(text).hostNames()).toEqual(['nobody'])
    const lenient = await parseSshConfig(text, { onProblem: 'warn' }).lookUp({ host: 'db' })
    expect(valuesOf(lenient)).toEqual({ Port: '1' })
    write('home/secret', 'User me\n')
    const allowed = parseSshConfig(text.replace('nobody', '*'), { include: 'read' })
    expect(valuesOf(await allowed.lookUp({ host: 'db' }))).toEqual({ Port: '1', User: 'me' })
    const refused = open({ files: [write('named', text)], include: 'refuse' })
    expect(await failure(refused.lookUp({ host: 'db' }))).toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('of a file that is no configuration shows nothing of it', async () => {
    const secrets = [
      '-----BEGIN KEY-----',
      'aGVsbG8/d29y+bGQ=',
      'ghp_Ab12cd34',
      'a'.repeat(64),
      'x\u001b[2J',
      '17',
    ]
    write('home/.ssh/config', 'Include more\n')
    write('home/.ssh/more', secrets.flatMap((word) => [word, `${word} x`]).join('\n'))
    const error = await failure(lookUp('db'))
    expect(error?.problems).toHaveLength(12)
    for (const { message } of error?.problems ?? []) {
      expect(message).toMatch(/^(?:no argument after keyword(?: "begin")?|bad configuration option)$/)
    }
  })

  test('an endless Include ends with an error that says what to look for', async () => {
    write('home/.ssh/config', 'Host nobody\nInclude config\n')
    expect(await failure(lookUp('db'))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: '~/.ssh/config:2: files are included more than 16 deep',
      hint: 'look for a file that includes itself',
    })
  })

  test('sixteen levels that each include the next ten times end as well', async () => {
    for (let level = 0; level < 16; level++) {
      write(
        `home/.ssh/${level === 0 ? 'config' : level}`,
        `Include ${Array(10)
          .fill(level + 1)
          .join(' ')}\n`,
      )
    }
    expect(await failure(lookUp('db'))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('more than 4096 files are included'),
    })
  })
})

test('a text has the size of a file at most', () => {
  expect(() => parseSshConfig(`#${'x'.repeat(2 ** 22)}`, { file: 'pasted' })).toThrow(
    'pasted is larger than 4 MiB',
  )
})

describe('mistakes', () => {
  const text = 'Port 1\nHost nobody\n  Port x\nHost *\nFoo bar\nUser me\nIgnoreUnknown foo\n'

  test('all are told, with their lines, whatever the block', async () => {
    write('home/.ssh/config', text)
    write('etc/ssh_config', 'Bar baz\n')
    const error = await failure(lookUp('db'))
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      origin: '~/.ssh/config:3',
      message: '~/.ssh/config:3: Port: bad port "x", and 2 more',
    })
    expect(error?.problems.map(({ origin }) => origin)).toEqual([
      '~/.ssh/config:3',
      '~/.ssh/config:5',
      `${rig.directory}/etc/ssh_config:1`,
    ])
  })

  test('for an editor they are warnings, and the good lines count', async () => {
    write('home/.ssh/config', text)
    const answer = await lookUp('db', { onProblem: 'warn' })
    expect(valuesOf(answer)).toEqual({ Port: '1', User: 'me', IgnoreUnknown: 'foo' })
    expect(answer.warnings).toEqual([
      '~/.ssh/config:3: Port: bad port "x"',
      '~/.ssh/config:5: bad configuration option "foo"',
    ])
  })

  test('an unknown token of HostName is one when it counts', async () => {
    write('home/.ssh/config', 'Host a\nHostName %z\n')
    expect(await failure(lookUp('a'))).toMatchObject({ code: 'CONFIG_INVALID', origin: '~/.ssh/config:2' })
    expect(await lookUp('b')).toMatchObject({ hostName: 'b' })
    expect(await lookUp('a', { onProblem: 'warn' })).toMatchObject({ hostName: '%z' })
  })

  test('a bad directive of the query is refused before any file is opened', async () => {
    const directives = [{ text: 'Port=x', origin: '-o Port' }]
    const error = await failure(lookUp({ host: 'db', directives }, { files: ['/nowhere'] }))
    expect(error).toMatchObject({ code: 'INVALID_OPTION', message: '-o Port: Port: bad port "x"' })
  })

  test.each(['Host a', 'Match all', 'Include x'])('%s is no directive of a query', async (directive) => {
    const directives = [{ text: directive, origin: '-o' }]
    expect(await failure(lookUp({ host: 'db', directives }))).toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('the query', () => {
  test('beats the files, and Match sees it', async () => {
    write('home/.ssh/config', 'Port 1\nUser file\nMatch user me\nCompression yes\n')
    const query = {
      host: 'db',
      user: 'me',
      port: 2,
      directives: [{ text: 'BatchMode yes', origin: '-o BatchMode' }],
    }
    expect(valuesOf(await lookUp(query))).toEqual({
      User: 'me',
      Port: '2',
      BatchMode: 'yes',
      Compression: 'yes',
    })
  })

  test('its ProxyJump shuts out a ProxyCommand of the files', async () => {
    write('home/.ssh/config', 'ProxyCommand nc %h %p\n')
    const answer = await lookUp({ host: 'db', proxyJump: 'gw' })
    expect(valuesOf(answer)).toEqual({ ProxyJump: 'gw' })
    expect(answer.beaten.get('ProxyCommand')).toEqual(['~/.ssh/config:1'])
  })

  test('an answer is told for any name, hostile ones included', async () => {
    write('home/.ssh/config', 'Host __proto__\nPort 1\nHost constructor\nPort 2\n')
    expect(valuesOf(await lookUp('__proto__'))).toEqual({ Port: '1' })
    expect(valuesOf(await lookUp('constructor'))).toEqual({ Port: '2' })
    expect(valuesOf(await lookUp('toString'))).toEqual({})
  })
})

describe('the passes', () => {
  test('the final pass sees the name to connect to, and cannot change it', async () => {
    write(
      'home/.ssh/config',
      'Host db\nHostName Db.%h\nMatch final\nUser fin\nHost db.db\nPort 9\nHostName no\n',
    )
    const answer = await lookUp('db')
    expect(answer.hostName).toBe('db.db')
    expect(valuesOf(answer)).toEqual({ HostName: 'Db.%h', User: 'fin', Port: '9' })
  })

  test('a name is completed by the look-up that was passed in, and the files are read for it again', async () => {
    write('home/.ssh/config', 'CanonicalizeHostname yes\nCanonicalDomains x.test\nHost db.x.test\nPort 5\n')
    const answer = await lookUp('db', {
      findName: async (name) => (name === 'db.x.test.' ? 'db.x.test' : undefined),
    })
    expect(answer.hostName).toBe('db.x.test')
    expect(answer.values.get('Port')?.[0]?.words).toEqual(['5'])
  })
})

describe('Match exec', () => {
  const text = 'Match host db exec "test %h:%p:%r:%u = db:22:local:local"\nPort 5\n'
  const ask = (exec: ExecPolicy | undefined, host = 'db') => {
    write('home/.ssh/config', text)
    return open({ exec }).lookUp({ host })
  }

  test('runs by default for files, with its tokens expanded', async () => {
    expect(valuesOf(await ask(undefined))).toEqual({ Port: '5' })
  })

  test('is denied with its line, and only when it would run', async () => {
    expect(await failure(ask('deny'))).toMatchObject({ code: 'EXEC_DENIED', origin: '~/.ssh/config:1' })
    expect(valuesOf(await ask('deny', 'web'))).toEqual({})
  })

  test('is skipped with a warning', async () => {
    const answer = await ask('skip')
    expect(valuesOf(answer)).toEqual({})
    expect(answer.warnings).toEqual(['~/.ssh/config:1: Match exec was not run'])
  })

  test('is decided by a function, which sees the command', async () => {
    const seen: unknown[] = []
    await ask((request) => seen.push(request) > 0)
    expect(seen).toEqual([
      { command: 'test db:22:local:local = db:22:local:local', origin: '~/.ssh/config:1' },
    ])
    expect(await failure(ask(() => false))).toMatchObject({ code: 'EXEC_DENIED' })
  })

  test('never runs in a file that is only checked', async () => {
    write('home/.ssh/config', 'Host nobody\nInclude more\n')
    write('home/.ssh/more', 'Match exec "exit 0"\nPort 5\n')
    expect(valuesOf(await lookUp('db', { exec: 'deny' }))).toEqual({})
  })

  test('is denied by default for a text, and a look-up can say otherwise', async () => {
    const config = parseSshConfig('Match exec true\nPort 5\n', { file: 'here.conf' })
    expect(await failure(config.lookUp({ host: 'db' }))).toMatchObject({ origin: 'here.conf:1' })
    expect(valuesOf(await config.lookUp({ host: 'db' }, { exec: 'allow' }))).toEqual({ Port: '5' })
  })
})

test('the names of hosts are those of all files, broken lines or not', async () => {
  write('home/.ssh/config', 'Host a *.x\nInclude more\nFoo bar\nHost c a\n')
  write('home/.ssh/more', 'Host b !d\nProxyJump gw\n')
  write('etc/ssh_config', 'Host e\n')
  expect(await open().hostNames()).toEqual(['a', 'b', 'gw', 'c', 'e'])
})

test('an aborted look-up ends with AbortError', async () => {
  write('home/.ssh/config', 'Match exec "sleep 60"\n')
  const stop = new AbortController()
  const exec = () => {
    stop.abort()
    return true
  }
  const asked = open().lookUp({ host: 'db' }, { signal: stop.signal, exec })
  expect(await failure(asked)).toMatchObject({ code: 'ABORT_ERR' })
})

test('crafted patterns and thousands of look-ups take seconds at most', async () => {
  const blocks = Array.from({ length: 2500 }, (_, i) => `Host host${i} *.h${i}.test\nPort ${i + 1}\nUser u\n`)
  write('home/.ssh/config', `${blocks.join('')}Host ${'*a'.repeat(10_000)}b\nUser evil\n`)
  const config = open()
  const start = performance.now()
  await Promise.all(Array.from({ length: 300 }, (_, i) => config.lookUp({ host: `host${i}` })))
  const answer = await config.lookUp({ host: 'a'.repeat(255) })
  expect(performance.now() - start).toBeLessThan(8000)
  expect(valuesOf(answer)).toEqual({})
})
