import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scratchDir } from '../support/run-dir.js'
import { type DocumentedNetwork, startDocumentedNetwork } from './documented-network.js'
import { codeBlocks, ignoredFolders, pages, root, textOf } from './markdown.js'
import { runProgram } from './run-program.js'
import { makeUserProject, type UserProject } from './user-project.js'

const lines = codeBlocks('sh').flatMap(({ page, text }) =>
  text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [{ page, line }])),
)
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

describe('a command line in the documentation', () => {
  test.each(lines)('$page: $line is one that is known here', ({ line }) => {
    for (const part of line.split(' && ')) {
      expect(part).toMatch(
        /^(?:npm ci|npm test(?: -- test\/\S+)?|npm run \w+|npx (?:sallyport|tsc) .*|node examples\/.*)$/,
      )
    }
  })

  test('names only scripts that there are', () => {
    const named = pages().flatMap((page) =>
      [...textOf(page).matchAll(/npm (?:run )?(\w+)/g)]
        .map(([, script = '']) => script)
        .filter((script) => script !== 'ci' && scripts[script] === undefined)
        .map((script) => `${page}: npm run ${script}`),
    )
    expect(named).toEqual([])
  })
})

describe('the first command of the README', () => {
  test('shows the network in a clone in which nothing was built', async () => {
    expect(textOf('README.md')).toContain('npm ci && npm run demo')
    const clone = scratchDir('clone')
    cpSync(root, clone, { recursive: true, filter: (path) => !ignoredFolders.has(basename(path)) })
    symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules')) // as npm ci leaves it
    const { stdout, exitCode } = await runProgram('npm', ['run', 'demo'], { cwd: clone })
    for (const line of [
      /^ {3}1 {2}ops@gatewayhost:\d+ .* directly$/m,
      /^ {3}2 {2}ops@inner-gw:22 .* through gatewayhost$/m,
      /^ {3}3 {2}ops@db\.internal:22 .* through inner-gw$/m,
      /^ {3}db\.internal\$ hostname\n {3}db\.internal$/m,
      /^ {3}app\.internal\$ hostname\n {3}app\.internal$/m,
      /host key of 'db\.internal' has changed/,
      /gatewayhost → inner-gw → .*gatewayhost/,
    ]) {
      expect.soft(stdout).toMatch(line)
    }
    expect(exitCode).toBe(0)
  })
})

describe('in a terminal', () => {
  let network: DocumentedNetwork
  let project: UserProject
  beforeAll(async () => {
    project = await makeUserProject(new Map([['empty.ts', 'export {}\n']]))
    network = await startDocumentedNetwork()
  })
  afterAll(() => network?.[Symbol.asyncDispose]())

  const options = (): { readonly cwd: string; readonly env: NodeJS.ProcessEnv } => ({
    cwd: project.path,
    env: { npm_config_offline: 'true', TERM: 'dumb' },
  })
  const lineOf = (start: string): string => {
    const found = lines.find(({ page, line }) => page === 'README.md' && line.startsWith(start))
    if (found === undefined) throw new Error(`the README has no line that begins with ${start}`)
    return found.line
  }

  test('sallyport run prints what the command printed, and nothing else', async () => {
    const ended = await network.run('sh', ['-c', lineOf('npx sallyport run ')], options())
    expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^.* up .*load average.*\n$/) })
    expect(network.gatewayhost.connections()).toMatchObject([{ user: 'ops' }])
    expect(network.internalhost.connections()).toMatchObject([{ user: 'root' }])
  })

  test('sallyport put copies a file to the host', async () => {
    writeFileSync(join(project.path, 'app.conf'), 'port = 8080\n')
    expect(await network.run('sh', ['-c', lineOf('npx sallyport put ')], options())).toMatchObject({
      exitCode: 0,
      stdout: '',
    })
    const back = ['sallyport', 'get', '-J', 'gatewayhost', 'internalhost:app.conf', '-']
    expect(await network.run('npx', back, options())).toMatchObject({ exitCode: 0, stdout: 'port = 8080\n' })
  })

  test('sallyport run -H prints the lines of each host', async () => {
    const { exitCode, stdout } = await network.run('sh', ['-c', lineOf('npx sallyport run -H')], options())
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').sort()).toEqual([
      '',
      expect.stringMatching(/^innerhost +\| .* up /),
      expect.stringMatching(/^internalhost \| .* up /),
    ])
  })

  test('sallyport shell is a shell there, and ends as it does', async () => {
    const { stdout, exitCode } = await network.run(
      'script',
      ['-qec', lineOf('npx sallyport shell '), '/dev/null'],
      {
        ...options(),
        when: { shows: /# $/, act: ({ stdin }) => stdin?.end('hostname; exit 3\n') },
      },
    )
    expect(stdout).toContain('internalhost: authentication')
    expect(stdout).toMatch(/^internalhost\r$/m)
    expect(exitCode).toBe(3)
  })
})
