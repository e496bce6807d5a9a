// `sallyport run -H` cut short, and at a terminal: Ctrl-C once and twice, a reader that goes away, and the live status.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNetwork } from '../../src/testing/index.js'
import { groupServers } from './group-servers.js'
import { shows } from './own-server.js'
import { ended, start, Terminal } from './program.js'

const servers = groupServers()

/** Runs until the file is there. */
const untilTold = (file: string): string =>
  `echo begun; until [ -e ${file} ]; do sleep 0.05; done; echo ended`

describe('Ctrl-C', () => {
  it('once begins nothing more and lets what runs end; the summary is printed, and the exit code is 130', async () => {
    const file = join(servers.home.path, 'go on')
    const flags = ['-F', servers.home.ssh('config'), '-H', 'web1,web2,web3,web4', '--parallel', '2']
    const child = start(['run', ...flags, '--', untilTold(`'${file}'`)], { env: servers.env })
    const end = ended(child)
    await shows(child, /(?:web. \| begun\n){2}/)
    child.kill('SIGINT')
    await shows(child, /interrupted: nothing more is begun, and what runs may end; Ctrl-C again ends it/)
    servers.home.write('go on', '')
    const { stdout, stderr, exitCode } = await end
    expect(stdout.match(/ \| ended$/gm)).toHaveLength(2)
    expect(stderr).toMatch(/4 hosts: 2 succeeded, 2 skipped in /)
    expect(stderr).toMatch(/\n {2}skipped, since it was interrupted: 2 hosts: web3, web4\n/)
    expect(exitCode).toBe(130)
  })

  it('twice ends what runs, too: the summary is printed, and the exit code is 130', async () => {
    const flags = ['-F', servers.home.ssh('config'), '-H', 'web1,web2,web3', '--parallel', '2']
    const child = start(['run', ...flags, '--', 'echo begun; exec sleep 300'], { env: servers.env })
    const end = ended(child)
    await shows(child, /(?:web. \| begun\n){2}/)
    child.kill('SIGINT')
    await shows(child, /Ctrl-C again ends it/)
    child.kill('SIGINT')
    const { stderr, exitCode } = await end
    expect(stderr).toMatch(/3 hosts: 0 succeeded, 2 failed, 1 skipped in /)
    expect(stderr).toMatch(/\n {2}ABORT_ERR: 2 hosts: web1, web2\n/)
    expect(exitCode).toBe(130)
  })
})

it('a reader that goes away ends everything', async () => {
  const flags = ['-F', servers.home.ssh('config'), '-H', 'web1,web2']
  const child = start(['run', ...flags, '--', 'yes'], { env: servers.env })
  const end = ended(child)
  await shows(child, /web1 \| y\n/)
  child.stdout.destroy()
  expect(await end).toMatchObject({ exitCode: 141 })
})

it('Ctrl-C at a question declines it, and nothing waits for an answer', async () => {
  await using network = await createNetwork({
    hosts: { gw: { listen: true, users: { ops: { password: 'never given' } } } },
  })
  const { host, port } = network.address('gw')
  servers.home.write('known', network.knownHosts)
  const flags = `-F none -o UserKnownHostsFile=${join(servers.home.path, 'known')}`
  const text = `$sallyport run ${flags} -H ops@${host}:${port},else@${host}:${port} --parallel 1 -- hostname`
  // The terminal sends SIGINT to the shell, too.
  await using terminal = new Terminal(`trap : INT; ${text}; echo code $?`, { ...servers.env, NO_COLOR: '1' })
  await terminal.shows(/password: $/)
  terminal.type('half\u0003')
  await terminal.shows(/2 hosts: 0 succeeded, 1 failed, 1 skipped in /)
  await terminal.shows(/code 130/)
  await terminal.end()
  expect(terminal.shown).not.toContain('half')
})

it('at a terminal the status lives below the output, per gateway, and the summary takes its place', async () => {
  const file = join(servers.home.path, 'go on, terminal')
  const flags = `-F ${servers.home.ssh('config')} -H web1,web2,lost1 --parallel 3`
  const text = `stty rows 24 cols 70; $sallyport run ${flags} -- "${untilTold(`'${file}'`)}"; echo code $?`
  await using terminal = new Terminal(text, { ...servers.env, NO_COLOR: '1' })
  await terminal.shows(/3 hosts: 2 running, 0 done, 1 failed, \d+ s/)
  await terminal.shows(/ {2}gw +2 running, 0 done\b/)
  await terminal.shows(/ {2}dead-gw +0 running, 0 done, 1 failed\b/)
  await terminal.shows(/running: web1, web2/)
  servers.home.write('go on, terminal', '')
  await terminal.shows(/code 1\b/)
  await terminal.end()
  const last = lastScreen(terminal.shown)
  expect(last.filter((line) => /^web[12] {2}\| (?:begun|ended)$/.test(line))).toHaveLength(4)
  expect(last.join('\n')).not.toMatch(/\d running|running:/)
  expect(last.join('\n')).toMatch(
    /sallyport: 3 hosts: 2 succeeded, 1 failed in [\d.]+ s\n {2}CONNECTION_REFUSED: 1 host: lost1\n/,
  )
})

/** What a terminal shows in the end: it knows the way up, to the first column, and how to erase (ECMA-48). */
function lastScreen(written: string): readonly string[] {
  let lines = ['']
  let at = 0
  let column = 0
  for (const [part] of written.matchAll(/\u001b\[[?\d;]*[A-Za-z]|[^\u001b]/gs)) {
    const line = lines[at] ?? ''
    const [, count = '', command] = /^\u001b\[([?\d;]*)([A-Za-z])$/.exec(part) ?? []
    if (command === 'A') at = Math.max(0, at - Number(count || 1))
    else if (command === 'G') column = 0
    else if (command === 'K') lines[at] = count === '2' ? '' : line.slice(0, column)
    else if (command === 'J') lines = [...lines.slice(0, at), line.slice(0, column)]
    else if (command !== undefined) continue
    else if (part === '\r') column = 0
    else if (part === '\n') {
      at += 1
      lines[at] ??= ''
    } else {
      lines[at] = line.slice(0, column).padEnd(column) + part + line.slice(column + 1)
      column += 1
    }
  }
  return lines
}
