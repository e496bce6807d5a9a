// `sallyport run -H` against real servers through real gateways: what is printed, kept and summed up, and the exit code.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addressOf, groupServers } from './group-servers.js'
import { type ProgramResult, sallyport } from './program.js'

const servers = groupServers()

/** Which of the addresses was connected to: tells the hosts apart there. */
const number = 'set -- $SSH_CONNECTION; n=$(echo $3 | sed "s/.*[.]//"); '

function run(...args: readonly string[]): Promise<ProgramResult> {
  return sallyport(['run', '-F', servers.home.ssh('config'), ...args], { env: servers.env })
}

function sorted(text: string): readonly string[] {
  return text.trimEnd().split('\n').sort()
}

describe('output', () => {
  it('is whole lines after the name of the host, stdout and stderr apart, through one shared gateway', async () => {
    const { home } = servers
    home.write('long', `${'x'.repeat(20_000)}\n`)
    const text = `${number}echo one; [ $n = 1 ] && cat ~/long; printf 'two\\r\\nlast'; echo err $n >&2`
    const { stdout, stderr, exitCode } = await run('-H', 'web1,web2', '-H', 'web6', '--', text)
    const short = stdout.replace(/x+/g, ({ length }) => `${length} x`)
    const lines = ['web1', 'web2', 'web6'].flatMap((host) => [
      `${host} | last`,
      `${host} | one`,
      `${host} | two`,
    ])
    expect(sorted(short)).toEqual(['web1 | 16384 x…', 'web1 | 3616 x', ...lines].sort())
    expect(sorted(stderr)).toEqual([
      expect.stringMatching(/^sallyport: 3 hosts: 3 succeeded in [\d.]+ s$/),
      ...[1, 2, 6].map((n) => `web${n} | err ${n}`),
    ])
    expect(exitCode).toBe(0)
    const gateway = servers.gateway()
    expect(gateway.connections()).toHaveLength(1)
    for (const n of [1, 2, 6]) {
      expect(gateway.forwards()).toContain(`${addressOf(servers.target(), n)}:${servers.target().port}`)
    }
  })

  it('cannot be forged: nothing moves the cursor, hides text, or begins a line without its host', async () => {
    const forged = [
      ['\\r', '\\r'],
      ['\\033[1A', '\\x1b[1A'],
      ['\\033[2K', '\\x1b[2K'],
      ['\\302\\233', '\\x9b'],
      ['\\302\\205', '\\x85'],
      ['\\342\\200\\256', '\\u202e'],
      ['\\342\\200\\250', '\\u2028'],
      ['\\010\\010', '\\x08\\x08'],
      ['\\013', '\\x0b'],
      ['\\014', '\\x0c'],
      ['\\177', '\\x7f'],
      ['\\033]0;title\\007', '\\x1b]0;title\\x07'],
      ['\\377\\233', '\ufffd\ufffd'],
    ]
    const text = forged.map(([bytes]) => `${bytes}web2 | forged\\n`).join('')
    const { stdout } = await run('-H', 'web1', '--', `printf '${text}'; printf '${text}' >&2`)
    expect(stdout.trimEnd().split('\n')).toEqual(forged.map(([, shown]) => `web1 | ${shown}web2 | forged`))
  })

  it('without end is stopped by --timeout', async () => {
    const { stdout, stderr, exitCode } = await run('-H', 'web1', '--timeout', '1.2', '--', 'yes')
    expect(stdout).toMatch(/^(?:web1 \| y\n)+$/)
    expect(stderr).toMatch(/1 failed .*\n {2}TIMEOUT: 1 host: web1\n.*1200 ms\n {4}hint: /)
    expect(exitCode).toBe(1)
  })

  it('of --output-dir is every byte, in files of this user alone, and none is printed', async () => {
    const directory = join(servers.home.path, 'out/of hosts')
    const text = `${number}printf "$n\\033\\r\\000"; printf err >&2`
    const hosts = 'web1,web2,[127.255.255.254]:9'
    const { stdout, exitCode } = await run('-H', hosts, '--output-dir', directory, '--', text)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 })
    expect(readdirSync(directory).sort()).toEqual(
      ['web1', 'web2'].flatMap((host) => [`${host}.stderr`, `${host}.stdout`]),
    )
    expect(readFileSync(join(directory, 'web2.stdout'), 'latin1')).toBe('2\x1b\r\0')
    expect(readFileSync(join(directory, 'web2.stderr'), 'latin1')).toBe('err')
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(statSync(join(directory, 'web1.stdout')).mode & 0o777).toBe(0o600)
  })
})

describe('the summary', () => {
  it('groups failures by cause and by gateway, and the exit code is 1', async () => {
    const text = `${number}[ $n != 2 ] || exit 7`
    const { stderr, exitCode } = await run('-H', 'web1,web2,web3,lost1,lost2', '--', text)
    const [head, ...lines] = stderr.trimEnd().split('\n')
    expect(head).toMatch(/^sallyport: 5 hosts: 2 succeeded, 3 failed in /)
    expect(lines.filter((line) => !line.startsWith('    cause: '))).toEqual([
      '  CONNECTION_REFUSED: 2 hosts: lost1, lost2',
      expect.stringMatching(/^ {4}as in dead-gw \(hop 1 of 2\): /),
      expect.stringMatching(/^ {4}hint: /),
      '  exit status 7: 1 host: web2',
      expect.stringMatching(/^ {2}behind dead-gw: 2 of 2 failed$/),
      expect.stringMatching(/^ {2}behind gw: 1 of 3 failed$/),
    ])
    expect(exitCode).toBe(1)
  })

  it('says that all failures are behind one gateway', async () => {
    const { stderr } = await run('-H', 'web1,lost1,lost2,lost3', '--', 'true')
    expect(stderr).toMatch(/\n {2}all 3 failures are behind dead-gw, and none there succeeded\n$/)
  })
})

describe('the pace', () => {
  it('in waves stops after so many failures, and skips the others', async () => {
    const flags = ['--waves', '2,50%', '--stop-after-failures', '1', '--parallel', '2']
    const hosts = 'web1,web2,web3,web4,web5,web6'
    const { stdout, stderr, exitCode } = await run(
      '-H',
      hosts,
      ...flags,
      '--',
      `${number}echo $n; [ $n != 4 ]`,
    )
    const came = sorted(stdout)
    expect(came).toEqual(expect.arrayContaining(['web1 | 1', 'web2 | 2', 'web4 | 4']))
    expect(came).not.toContain('web6 | 6')
    expect(stderr).toMatch(/skipped after too many failures: [12] hosts?: (?:web5, )?web6\n/)
    expect(exitCode).toBe(1)
  })
})

describe('--json', () => {
  it('is a line for each outcome as it comes, and one for all', async () => {
    const text = `${number}echo out $n; printf '\\033\\302\\233' >&2; [ $n != 2 ] || exit 3`
    const { stdout, exitCode } = await run('--json', '-H', 'web1,web2,lost1', '--', text)
    expect(stdout).not.toMatch(/[\u001b\u009b]/)
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const byHost = new Map(documents.map((document) => [document.host, document]))
    const gateway = expect.stringMatching(/^\S+@gw:\d+ /)
    expect(byHost.get('web1')).toMatchObject({
      event: 'outcome',
      member: expect.stringMatching(/^\S+@gw:\d+ .* > \S+@web1:\d+/),
      gateway,
      ...{ status: 'succeeded', exitCode: 0, stdout: 'out 1\n', stdoutTruncated: false },
      ...{ stderr: '\u001b\u009b', error: null },
    })
    const failed = { status: 'failed', exitCode: 3, stdout: 'out 2\n', error: { code: 'COMMAND_FAILED' } }
    expect(byHost.get('web2')).toMatchObject(failed)
    const error = { code: 'CONNECTION_REFUSED', hop: 0, hint: expect.any(String), retryable: false }
    expect(byHost.get('lost1')).toMatchObject({ status: 'failed', exitCode: null, error })
    expect(byHost.get('lost1')).not.toHaveProperty('stdout')
    const counts = { members: 3, succeeded: 1, failed: 2, skipped: 0, interrupted: false }
    expect(documents.at(-1)).toMatchObject({ event: 'summary', ...counts })
    expect(documents.at(-1).causes).toHaveLength(2)
    expect(exitCode).toBe(1)
  })

  it('has the first 256 KiB of a stream, and says when there was more', async () => {
    const { stdout } = await run('--json', '-H', 'web1', '--', 'head -c 300000 /dev/zero | tr "\\000" a')
    const document = JSON.parse(stdout.split('\n', 1)[0] ?? '')
    expect(document.stdout).toBe('a'.repeat(256 * 1024))
    expect(document).toMatchObject({ stdoutTruncated: true, stderrTruncated: false, status: 'succeeded' })
  })
})
