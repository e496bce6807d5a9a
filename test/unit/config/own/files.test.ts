import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchDir } from '../../../support/run-dir.js'
import { age, configErrorOf, machine, originFor, valuesFor } from './rig.js'

const typescript = `import type { SallyportConfig } from 'sallyport'
const port: number = 2222
export default { port, hosts: { db: { password: () => 'p' } } } satisfies SallyportConfig
`

describe('a file is read by its ending', () => {
  it.each([
    ['config.json', '{ "port": 2222 }'],
    ['config.json', '\ufeff{ "port": 2222 }'],
    ['config.yaml', '# a comment\nport: 2222\n'],
    ['config.yml', '{ port: 2222 }'],
    ['config.ts', typescript],
    ['config.mjs', 'export default { port: 2222 }'],
    ['config.js', 'module.exports = { port: 2222 }'],
  ])('%s', async (name, text) => {
    const at = machine()
    at.write(`.config/sallyport/${name}`, text)
    const configs = await at.load()
    expect(valuesFor(configs, 'h')).toEqual({ port: 2222 })
    expect(originFor(configs, 'h', 'port')).toBe(`~/.config/sallyport/${name}: port`)
  })

  it('a function is a value only where a program wrote it', async () => {
    const at = machine()
    at.write('.config/sallyport/config.ts', typescript)
    expect(valuesFor(await at.load(), 'db')['password']).toBeTypeOf('function')
  })

  it('an empty YAML file is no configuration, and says so', async () => {
    const at = machine()
    at.write('.config/sallyport/config.yaml', '')
    expect(await configErrorOf(at.load())).toMatchObject({
      message: '~/.config/sallyport/config.yaml: must be keys and values',
    })
  })
})

describe('a file that cannot be used is an error', () => {
  it.each([
    ['x.json', '{ "a": \n 1,\n }', 'CONFIG_INVALID', /^x\.json:3: is not JSON$/],
    ['x.json', '', 'CONFIG_INVALID', /^x\.json: is not JSON$/],
    ['x.json', 'canary-secret', 'CONFIG_INVALID', /^x\.json: is not JSON$/],
    ['x.yaml', 'port: 1\nport: 2\n', 'CONFIG_INVALID', /^x\.yaml:2: is not YAML: duplicate key$/],
    ['x.yaml', 'port: *nowhere\n', 'CONFIG_INVALID', /^x\.yaml:1: is not YAML: alias of nothing before it$/],
    ['x.yaml', `port: ${'['.repeat(20_000)}`, 'CONFIG_INVALID', /^x\.yaml:\d+: is not YAML: /],
    ['x.ts', 'export const port = 1', 'CONFIG_INVALID', /^x\.ts: has no default export$/],
    ['x.mjs', 'throw new Error("no\\nway")', 'CONFIG_INVALID', /^x\.mjs: cannot be loaded: no\\nway$/],
    ['x.toml', 'port = 1', 'CONFIG_UNUSABLE', /^x\.toml: must end in \.ts, \.js, /],
    ['x.json', ' '.repeat(4 * 2 ** 20 + 1), 'CONFIG_UNUSABLE', /larger than 4 MiB/],
  ])('%s with %.20j', async (name, text, code, message) => {
    const at = machine()
    at.write(`project/${name}`, text)
    expect(await configErrorOf(at.load({ config: name }))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  it('aliases of aliases cost nothing', async () => {
    const at = machine()
    const lines = Array.from({ length: 30 }, (_, n) => `k${n + 1}: &k${n + 1} [*k${n}, *k${n}, *k${n}]`)
    at.write('project/x.yaml', ['k0: &k0 [x]', ...lines, ''].join('\n'))
    const error = await configErrorOf(at.load({ config: 'x.yaml' }))
    expect(error.code).toBe('CONFIG_INVALID')
  })

  it('one that was named and is not there', async () => {
    expect(await configErrorOf(machine().load({ config: '~/no.json' }))).toMatchObject({
      code: 'CONFIG_UNUSABLE',
      message: '~/no.json: there is no such file',
    })
  })

  it('a directory in the place of a file', async () => {
    const at = machine()
    mkdirSync(join(at.project, 'sallyport.config.json'))
    expect(await configErrorOf(at.load())).toMatchObject({
      code: 'CONFIG_UNUSABLE',
      message: 'sallyport.config.json: is not a regular file',
    })
  })
})

describe('who may have written a file', () => {
  it.each([0o622, 0o662])('the user’s and the system’s: nobody else (mode %o)', async (mode) => {
    const at = machine()
    chmodSync(at.writeUser({ port: 1 }), mode)
    expect(await configErrorOf(at.load())).toMatchObject({
      code: 'CONFIG_UNUSABLE',
      message: expect.stringContaining('can be written by others'),
    })
    const other = machine()
    chmodSync(other.writeSystem({ port: 1 }), mode)
    expect(await configErrorOf(other.load())).toMatchObject({ code: 'CONFIG_UNUSABLE' })
  })

  it('a program of others is not run', async () => {
    const at = machine()
    const path = at.write('.config/sallyport/config.mjs', 'globalThis.wasRun = true; export default {}')
    chmodSync(path, 0o666)
    expect(await configErrorOf(at.load())).toMatchObject({ code: 'CONFIG_UNUSABLE' })
    expect(globalThis).not.toHaveProperty('wasRun')
  })

  it('a project’s that is found: my group too, but not everyone, and no other user', async () => {
    const at = machine()
    const path = at.writeProject({ port: 1 })
    chmodSync(path, 0o664)
    expect(valuesFor(await at.load(), 'h')).toEqual({ port: 1 })
    chmodSync(path, 0o666)
    expect(await configErrorOf(at.load())).toMatchObject({
      code: 'CONFIG_UNUSABLE',
      message: 'sallyport.config.json: can be written by anyone',
    })
    if (process.getuid?.() !== 0) return
    chmodSync(path, 0o644)
    chownSync(path, 12_345, 12_345)
    expect(await configErrorOf(at.load())).toMatchObject({
      message: 'sallyport.config.json: belongs to another user',
      hint: expect.stringContaining('--config'),
    })
    expect(valuesFor(await at.load({ config: path }), 'h')).toEqual({ port: 1 })
  })
})

describe('the project’s file', () => {
  it('is found from the working directory upwards; the nearest counts', async () => {
    const at = machine()
    const below = join(at.project, 'a/b')
    mkdirSync(below, { recursive: true })
    at.writeProject({ port: 1 })
    const configs = await at.load({ cwd: below })
    expect(valuesFor(configs, 'h')).toEqual({ port: 1 })
    expect(originFor(configs, 'h', 'port')).toBe('~/project/sallyport.config.json: port')
    writeFileSync(join(below, 'sallyport.config.yaml'), 'port: 2')
    expect(valuesFor(await at.load({ cwd: below }), 'h')).toEqual({ port: 2 })
  })

  it('is not looked for above the home directory', async () => {
    const outer = scratchDir('outer')
    const home = join(outer, 'home')
    mkdirSync(join(home, 'work'), { recursive: true })
    writeFileSync(join(outer, 'sallyport.config.json'), '{"port": 1}')
    const cwd = join(home, 'work')
    expect(await machine().load({ home, cwd })).toEqual([])
    writeFileSync(join(home, 'sallyport.config.json'), '{"port": 2}')
    expect(valuesFor(await machine().load({ home, cwd }), 'h')).toEqual({ port: 2 })
    expect(valuesFor(await machine().load({ home, cwd: outer }), 'h')).toEqual({ port: 1 })
  })

  it('is not looked for above a home directory that is named by a link', async () => {
    const outer = scratchDir('outer')
    mkdirSync(join(outer, 'home/work'), { recursive: true })
    symlinkSync(join(outer, 'home'), join(outer, 'link'))
    writeFileSync(join(outer, 'sallyport.config.json'), '{"port": 1}')
    expect(await machine().load({ home: join(outer, 'link'), cwd: join(outer, 'home/work') })).toEqual([])
  })

  it('two in one directory are an error that names both', async () => {
    const at = machine()
    const json = at.writeProject({ port: 1 })
    const yaml = at.write('project/sallyport.config.yaml', 'port: 1')
    const { code, message } = await configErrorOf(at.load())
    expect(code).toBe('CONFIG_UNUSABLE')
    expect(message).toContain(json)
    expect(message).toContain(yaml)
  })

  it('is replaced by the one that is named: by the program first, then by the environment', async () => {
    const at = machine()
    at.writeProject({ port: 1 })
    at.writeProject({ port: 2 }, 'two.json')
    at.writeProject({ port: 3 }, 'three.json')
    const env = { SALLYPORT_CONFIG: 'two.json' }
    expect(valuesFor(await at.load({ env }), 'h')).toEqual({ port: 2 })
    expect(valuesFor(await at.load({ env, config: 'three.json' }), 'h')).toEqual({ port: 3 })
    expect(valuesFor(await at.load({ env, config: { port: 4 } }), 'h')).toEqual({ port: 4 })
  })
})

describe('the sources', () => {
  it('are environment, project, user and system, in this order', async () => {
    const at = machine()
    at.writeSystem({ user: 's' })
    at.writeUser({ user: 'u' })
    at.writeProject({ user: 'p' })
    const configs = await at.load({ env: { SALLYPORT_USER: 'e' } })
    expect(configs.map((config) => [config.source, config.forHost('h').layer.values.user])).toEqual([
      ['environment', 'e'],
      ['project', 'p'],
      ['user', 'u'],
      ['system', 's'],
    ])
    expect(configs.map(({ origin }) => origin)).toEqual([
      'the environment',
      'sallyport.config.json',
      '~/.config/sallyport/config.json',
      join(at.systemDirectory, 'config.json'),
    ])
  })

  it('config: false reads no file and no variable, not even a wrong one', async () => {
    const at = machine()
    at.writeUser({ port: 1 })
    expect(await at.load({ config: false, env: { SALLYPORT_PROT: '1' } })).toEqual([])
  })

  it('SALLYPORT_CONFIG=none reads no file; the other variables count', async () => {
    const at = machine()
    at.writeUser({ port: 1 })
    const env = { SALLYPORT_CONFIG: 'none', SALLYPORT_PORT: '2' }
    const configs = await at.load({ env })
    expect(configs.map(({ source }) => source)).toEqual(['environment'])
    expect(valuesFor(configs, 'h')).toEqual({ port: 2 })
  })

  it('the user’s file is in XDG_CONFIG_HOME, when that is absolute', async () => {
    const at = machine()
    const XDG_CONFIG_HOME = scratchDir('xdg')
    mkdirSync(join(XDG_CONFIG_HOME, 'sallyport'))
    writeFileSync(join(XDG_CONFIG_HOME, 'sallyport/config.json'), '{"port": 1}')
    at.writeUser({ port: 2 })
    expect(valuesFor(await at.load({ env: { XDG_CONFIG_HOME } }), 'h')).toEqual({ port: 1 })
    expect(valuesFor(await at.load({ env: { XDG_CONFIG_HOME: 'here' } }), 'h')).toEqual({ port: 2 })
  })

  it('are none on a machine where there are none', async () => {
    expect(await machine().load()).toEqual([])
  })
})

describe('a file that changes', () => {
  it.each([
    ['config.json', (port: number) => `{"port": ${port}}`],
    ['config.mjs', (port: number) => `export default { port: ${port} }`],
    ['config.ts', (port: number) => `export default { port: ${port} }`],
  ])('%s is read again, and one that does not is not', async (name, text) => {
    const at = machine()
    const path = at.write(`.config/sallyport/${name}`, text(1001))
    age(path, 60)
    const first = await at.load()
    expect(valuesFor(first, 'h')).toEqual({ port: 1001 })
    writeFileSync(path, text(1002))
    age(path, 30)
    expect(valuesFor(await at.load(), 'h')).toEqual({ port: 1002 })
  })

  it('is found by way of a link, too', async () => {
    const at = machine()
    const real = at.write('real.json', '{"port": 1}')
    mkdirSync(join(at.home, '.config/sallyport'), { recursive: true })
    symlinkSync(real, join(at.home, '.config/sallyport/config.json'))
    expect(valuesFor(await at.load(), 'h')).toEqual({ port: 1 })
    writeFileSync(real, '{"port": 22}')
    expect(valuesFor(await at.load(), 'h')).toEqual({ port: 22 })
  })
})
