import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { assertNoCanary, canary } from '../support/canary.js'
import { textOf as procText } from '../support/proc.js'
import { scratchDir } from '../support/run-dir.js'
import { type DocumentedNetwork, startDocumentedNetwork } from './documented-network.js'
import { root, textOf } from './markdown.js'
import { type Ended, type RunProgramOptions, runProgram } from './run-program.js'
import { selfSigned } from './self-signed.js'
import { makeUserProject, type UserProject } from './user-project.js'

const examples = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.ts'))

let project: UserProject
let network: DocumentedNetwork
beforeAll(async () => {
  project = await makeUserProject(new Map(examples.map((file) => [file, textOf(`examples/${file}`)])))
  network = await startDocumentedNetwork()
})
afterAll(() => network?.[Symbol.asyncDispose]())

/** Runs an example on the documented network. */
function run(example: string, args: readonly string[], options: RunProgramOptions = {}): Promise<Ended> {
  return network.run(process.execPath, [project.compiled(example), ...args], {
    cwd: project.path,
    ...options,
  })
}

describe('the examples', () => {
  test.each(examples)('%s says how to run it, and what it wants when it gets nothing', async (file) => {
    const name = file.replace(/\.ts$/, '')
    const command = new RegExp(
      `^// {3}npx tsc -p examples && (?:\\w+=… )?node (?:--test )?examples/dist/${name}\\.js`,
      'm',
    )
    expect(textOf(`examples/${file}`)).toMatch(command)
    if (!textOf(`examples/${file}`).includes('process.argv')) return
    const { stderr, exitCode } = await runProgram(process.execPath, [project.compiled(file)], {
      cwd: project.path,
    })
    expect({ stderr, exitCode }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(`^usage: ${name}\\.js .*\n$`),
    })
  })

  test('compile where they are', async () => {
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    expect(await runProgram(tsc, ['-p', 'examples', '--noEmit'], { cwd: root })).toMatchObject({
      stdout: '',
      exitCode: 0,
    })
  })
})

describe('on real servers', () => {
  test('chain goes through two gateways, as three users', async () => {
    const { stdout } = await run('chain.ts', ['ops@gatewayhost', 'jump@innerhost', 'ops@internalhost'])
    expect(stdout).toMatch(/^3 {2}ops@internalhost:22 +through innerhost\nops on internalhost\n$/m)
    expect(network.gatewayhost.connections().at(-1)).toMatchObject({ user: 'ops' })
    expect(network.innerhost.connections().at(-1)).toMatchObject({ user: 'jump' })
  })

  test('proxy-command goes through the real ssh, and shows what a command said that failed', async () => {
    const command = ['internalhost', 'ssh', '-W', '%h:%p']
    expect(await run('proxy-command.ts', [...command, 'gatewayhost'])).toMatchObject({
      stdout: 'internalhost\n',
      exitCode: 0,
    })
    const failed = await run('proxy-command.ts', [...command, 'nowhere'])
    expect(failed).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Could not resolve hostname nowhere'),
    })
  })

  test('fan-out tells the answers in the order of the hosts, through one connection to the gateway', async () => {
    const before = network.gatewayhost.connections().length
    const hosts = ['internalhost', 'nowhere', 'innerhost', 'ops@internalhost']
    const { stdout, stderr, exitCode } = await run('fan-out.ts', [
      'gatewayhost',
      'echo "$(whoami) on $(hostname)"',
      ...hosts,
    ])
    expect(stdout).toBe(
      'internalhost: root on internalhost\ninnerhost: root on innerhost\nops@internalhost: ops on internalhost\n',
    )
    expect(stderr).toMatch(/^nowhere: (?:NAME_NOT_FOUND|CONNECTION_FAILED): nowhere \(hop 2 of 2\): .*\n$/)
    expect(exitCode).toBe(1)
    expect(network.gatewayhost.connections()).toHaveLength(before + 1)
  })

  describe('follow-log', () => {
    const follow = async (act: (file: string, pid: number) => void): Promise<Ended & { file: string }> => {
      const file = join(scratchDir('log'), 'app.log')
      writeFileSync(file, 'one\ntwo\n')
      const args = ['gatewayhost', 'ops@internalhost', file, 'ready']
      const when = {
        shows: /two\n/,
        act: ({ pid = 0 }: { readonly pid?: number | undefined }) => {
          expect(isFollowed(file)).toBe(true)
          act(file, pid)
        },
      }
      return { file, ...(await run('follow-log.ts', args, { when })) }
    }
    const ended = (file: string): Promise<void> =>
      vi.waitFor(() => expect(isFollowed(file)).toBe(false), { timeout: 5000 })

    test('ends at the awaited text, and so does the command there', async () => {
      const { file, ...result } = await follow((file) => appendFileSync(file, 'three\nall is ready\nlater\n'))
      expect(result).toEqual({ stdout: 'one\ntwo\nthree\nall is ready\n', stderr: '', exitCode: 0 })
      await ended(file)
    })

    test('ends at Ctrl-C, and so does the command there', async () => {
      const { file, ...result } = await follow((_, pid) => process.kill(pid, 'SIGINT'))
      expect(result).toEqual({ stdout: 'one\ntwo\n', stderr: '', exitCode: 130 })
      await ended(file)
    })
  })
})

describe('on an embedded network', () => {
  test('second-factor answers what it knows and asks for the rest, by the name of the host that asks', async () => {
    const password = canary()
    const prompts = [
      { text: 'Password:', answer: password },
      { text: 'Code:', answer: '123456', echo: true },
    ]
    const ops = {
      requires: ['publickey', 'keyboard-interactive'],
      keyboardInteractive: [{ prompts }],
    } as const
    await using network = await createNetwork({ hosts: { bastion: { listen: true, users: { ops } } } })
    const options = { input: '123456\n', env: { HOST_PASSWORD: password } }
    const { stdout, stderr, exitCode } = await runOn(network, ['second-factor.ts'], options)
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: 'ops\n',
      stderr: expect.stringMatching(/^127\.0\.0\.1: Code: /),
      exitCode: 0,
    })
    assertNoCanary(stdout + stderr)
  })

  test.each(['http', 'https'])(
    'web-through-gateway gets a page by %s, from a name that the gateway knows',
    async (scheme) => {
      const { cert, key } = selfSigned('wiki.internal')
      const authority = join(scratchDir('authority'), 'cert.pem')
      writeFileSync(authority, cert)
      const page: RequestListener = ({ headers, url }, response) => response.end(`${headers.host}${url}\n`)
      const server = scheme === 'http' ? createServer(page) : createSecureServer({ cert, key }, page)
      await using network = await createNetwork({
        hosts: {
          bastion: { listen: true, reaches: ['wiki.internal:8443'] },
          'wiki.internal': { services: { 8443: (stream) => server.emit('connection', stream) } },
        },
      })
      const args = ['web-through-gateway.ts', `${scheme}://wiki.internal:8443/start?page=1`]
      const ended = await runOn(network, args, { env: { NODE_EXTRA_CA_CERTS: authority } })
      expect(ended).toEqual({ stdout: 'wiki.internal:8443/start?page=1\n', stderr: '200 OK\n', exitCode: 0 })
    },
  )

  test('embedded-network passes its own tests', async () => {
    const { stdout, exitCode } = await runProgram(
      process.execPath,
      ['--test', '--test-reporter=tap', project.compiled('embedded-network.ts')],
      { cwd: project.path },
    )
    expect(stdout).toMatch(/^# pass 2$/m)
    expect(exitCode).toBe(0)
  })
})

/** Whether a `tail` of this file runs, in whichever namespace. */
function isFollowed(file: string): boolean {
  return readdirSync('/proc').some((pid) => {
    const [program, ...words] = procText(`/proc/${pid}/cmdline`).split('\0')
    return program === 'tail' && words.includes(file)
  })
}

/** Runs an example with `ops@bastion` as its first argument, in a home that trusts the network and has its key. */
function runOn(
  network: Network,
  [example = '', ...args]: readonly string[],
  options: RunProgramOptions,
): Promise<Ended> {
  const home = scratchDir('home')
  mkdirSync(join(home, '.ssh'))
  writeFileSync(join(home, '.ssh', 'known_hosts'), network.knownHosts)
  writeFileSync(join(home, '.ssh', 'id_ed25519'), network.userKey.privateKey, { mode: 0o600 })
  const { host, port } = network.address('bastion')
  return runProgram(process.execPath, [project.compiled(example), `ops@${host}:${port}`, ...args], {
    cwd: project.path,
    ...options,
    env: { ...process.env, HOME: home, SSH_AUTH_SOCK: undefined, ...options.env },
  })
}
