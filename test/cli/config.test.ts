// `sallyport config`, judged by `ssh -G` with the same arguments; and the flags that choose the files.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ownHome } from './own-home.js'
import { sallyport } from './program.js'

const { home, env } = ownHome()

const file = home.write(
  'ssh config',
  [
    'Host db',
    '  HostName %h.internal',
    '  Port 2200',
    '  ProxyJump ops@gw:2222,inner',
    '  IdentityFile ~/.ssh/db',
    '  IdentityFile "~/.ssh/with blank"',
    'Match user root',
    '  ServerAliveInterval 30',
    'Host *',
    '  User nobody',
    '  Ciphers aes256-ctr,aes128-ctr',
    '  UserKnownHostsFile /etc/hosts_one "/etc/hosts two"',
    '',
  ].join('\n'),
)

describe('what it prints', () => {
  it.each([
    [['db']],
    [['root@db']],
    [['-l', 'root', '-p', '99', 'db']],
    [['ssh://root@db:99']],
    [['-o', 'Port=1', '-p', '2', '-o', 'User=u', 'root@db']],
    [['-J', 'x@y:1,z', 'db']],
    [['-o', 'ProxyCommand=nc %h %p', 'db']],
    [['-i', '/etc/passwd', '-o', 'IdentityFile=/second', '-i', '/etc/group', 'db']],
    [['-4', '-A', '-o', 'BatchMode yes', 'other']],
  ])('with %j is what ssh -G prints', async (args) => {
    const theirs = spawnSync('ssh', ['-G', '-F', file, ...args], { encoding: 'utf8' })
    expect(theirs.status).toBe(0)
    const { stdout, stderr, exitCode } = await sallyport(['config', '-F', file, ...args], { env })
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(stdout).toBe(theirs.stdout)
  })

  it('has with --origins the place of each value that was said, and of nothing else', async () => {
    const plain = await sallyport(['config', '-F', file, '-p', '99', 'db'], { env })
    const { stdout } = await sallyport(['config', '--origins', '-F', file, '-p', '99', 'db'], { env })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.replace(/ # .*/, '')).join('\n')).toBe(plain.stdout.trimEnd())
    const commented = lines.filter((line) => line.includes(' # '))
    expect(commented).toContain(`hostname db.internal # ~/ssh config:2`)
    expect(commented).toContain('ciphers aes256-ctr,aes128-ctr # ~/ssh config:11')
    expect(commented.filter((line) => line.startsWith('batchmode'))).toEqual([])
  })

  it('is nothing but defaults with -F none', async () => {
    const { stdout } = await sallyport(['config', '-F', 'none', 'db'], { env })
    expect(stdout).toContain('\nhostname db\n')
  })

  it('does not depend on configuration of our own', async () => {
    const own = { ...env, SALLYPORT_PORT: '77' }
    expect((await sallyport(['config', '-F', file, 'other'], { env: own })).stdout).toContain('\nport 22\n')
  })
})

describe('what is wrong', () => {
  it('is told line by line, whatever the block, and the exit code is 255', async () => {
    const broken = home.write('broken', 'Host a\n  Port x\nHost b\n  Nonsense 1\n  User "open\n')
    const { stdout, stderr, exitCode } = await sallyport(['config', '-F', broken, 'c'], { env })
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 255 })
    const lines = stderr.trimEnd().split('\n')
    expect(lines.slice(0, 3)).toEqual([
      expect.stringMatching(/^sallyport: error: ~\/broken:2: /),
      expect.stringMatching(/^sallyport: error: ~\/broken:4: .*nonsense/i),
      expect.stringMatching(/^sallyport: error: ~\/broken:5: .*quot/),
    ])
    expect(lines.slice(3)).toEqual([expect.stringMatching(/^hint: /)])
  })

  it('is 255 for a file that is not there, and 2 for a directive of the command line', async () => {
    const missing = await sallyport(['config', '-F', join(home.path, 'none'), 'h'], { env })
    expect(missing).toMatchObject({
      stdout: '',
      exitCode: 255,
      stderr: expect.stringContaining('no such file'),
    })
    const bad = await sallyport(['config', '-o', 'Nonsense=1', 'h'], { env })
    expect(bad).toMatchObject({ stdout: '', exitCode: 2, stderr: expect.stringContaining('-o Nonsense') })
  })

  it('ends a run with 255, too, before anything is connected to', async () => {
    const broken = home.write('broken', 'Host a\n  Port x\n')
    const { stderr, exitCode } = await sallyport(['run', '-F', broken, 'localhost', '--', 'true'], { env })
    expect(exitCode).toBe(255)
    expect(stderr).toMatch(/^sallyport: error: ~\/broken:2: /)
  })
})

describe('the files that the other commands read', () => {
  const portOf = async (...args: readonly string[]): Promise<unknown> => {
    const { stdout, exitCode } = await sallyport(['route', '--json', ...args, 'db'], { env })
    expect(exitCode).toBe(0)
    const { hops } = JSON.parse(stdout) as { readonly hops: readonly { readonly origins: object }[] }
    return (hops.at(-1) as Record<string, unknown> & { origins: Record<string, { from: string }> }).origins[
      'port'
    ]?.from
  }

  it('are those of -F, of --config, or none', async () => {
    const own = home.write('own.json', JSON.stringify({ port: 77 }))
    expect(await portOf('-F', file, '--no-config')).toBe('~/ssh config:3')
    expect(await portOf('-F', 'none', '--config', own)).toMatch(/own\.json: port$/)
    expect(await portOf('-F', file, '--config', own)).toBe('~/ssh config:3')
    expect(await portOf('-F', 'none', '--no-config')).toBe('default')
  })

  it('have less to say than -o', async () => {
    expect(await portOf('-F', file, '-o', 'Port=5')).toBe('-o Port')
  })
})
