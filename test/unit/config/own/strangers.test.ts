import { chmodSync, chownSync, lchownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configErrorOf, machine, originFor, valuesFor } from './rig.js'

const isRoot = process.getuid?.() === 0
const stranger = 12_345

describe('the search for a project’s file', () => {
  it('passes over what a stranger put into a directory that everyone can write, and nowhere else', async () => {
    // Only root can give a file to somebody else.
    if (!isRoot) return
    const at = machine()
    const everyones = join(at.home, 'tmp')
    const below = join(everyones, 'work')
    mkdirSync(below, { recursive: true })
    chmodSync(everyones, 0o1777)
    at.write('sallyport.config.json', '{"port": 1}')
    for (const ending of ['json', 'yaml']) {
      chownSync(at.write(`tmp/sallyport.config.${ending}`, '{"port": 2}'), stranger, stranger)
    }
    symlinkSync(at.write('other.json', '{"port": 3}'), join(everyones, 'sallyport.config.yml'))
    const port = async () => valuesFor(await at.load({ cwd: below }), 'h')['port']
    expect(await port()).toBe(3)
    lchownSync(join(everyones, 'sallyport.config.yml'), stranger, stranger)
    expect(await port()).toBe(1)
    at.write('tmp/sallyport.config.mjs', '')
    expect((await configErrorOf(port())).origin).toBe('~/tmp/sallyport.config.mjs')
    chmodSync(everyones, 0o755)
    expect((await configErrorOf(port())).code).toBe('CONFIG_UNUSABLE')
  })

  it('sees at once that a file came, and that it went', async () => {
    const at = machine()
    const target = join(at.home, 'target.json')
    symlinkSync(target, join(at.project, 'sallyport.config.json'))
    for (let round = 0; round < 3; round++) {
      expect(await at.load()).toEqual([])
      writeFileSync(target, '{"port": 1}')
      expect(await at.load()).toHaveLength(1)
      rmSync(target)
      expect(await at.load()).toEqual([])
      at.writeUser({ port: 1 })
      expect(await at.load()).toHaveLength(1)
      rmSync(join(at.home, '.config/sallyport/config.json'))
    }
  })
})

describe('a program is run', () => {
  const program = `globalThis.runs = (globalThis.runs ?? 0) + 1\nexport default { port: 2222 }\n`
  const runs = () => Reflect.get(globalThis, 'runs') as number | undefined

  it.each(['.config/sallyport/config.mjs', 'project/sallyport.config.ts'])(
    'once for all who ask at the same time: %s',
    async (name) => {
      const at = machine()
      at.write(name, program)
      Reflect.deleteProperty(globalThis, 'runs')
      const all = await Promise.all(Array.from({ length: 20 }, () => at.load({ allowExec: true })))
      expect(all.map((configs) => valuesFor(configs, 'h')['port'])).toEqual(Array(20).fill(2222))
      expect(runs()).toBe(1)
    },
  )

  it.each([
    ['.config/sallyport/config.mjs', 0o775],
    ['.config/sallyport/config.mjs', 0o757],
    ['project/sallyport.config.mjs', 0o777],
  ])('not from a directory in which others can replace it: %s, mode %o', async (name, mode) => {
    const at = machine()
    const path = at.write(name, program)
    chmodSync(join(path, '..'), mode)
    Reflect.deleteProperty(globalThis, 'runs')
    expect(await configErrorOf(at.load({ allowExec: true }))).toMatchObject({
      code: 'CONFIG_UNUSABLE',
      message: expect.stringContaining('is a program in a directory that others can write'),
    })
    expect(runs()).toBeUndefined()
    // There nobody can replace what is not theirs.
    chmodSync(join(path, '..'), 0o1777)
    expect(await at.load({ allowExec: true })).toHaveLength(1)
  })

  it('not by way of a link that leads to such a directory', async () => {
    const at = machine()
    const path = at.write('open/real.mjs', program)
    symlinkSync(path, join(at.project, 'sallyport.config.mjs'))
    chmodSync(join(path, '..'), 0o777)
    expect((await configErrorOf(at.load({ allowExec: true }))).code).toBe('CONFIG_UNUSABLE')
  })
})

describe('with allowExec: false', () => {
  it.each([
    ['SALLYPORT_GATEWAY', 'nc %h %p'],
    ['SALLYPORT_PROXY_COMMAND', 'nc %h %p'],
    ['SALLYPORT_HOSTS__DB__GATEWAY', 'nc %h %p'],
    ['SALLYPORT_SSH_CONFIG', './evil'],
    ['SALLYPORT_CONFIG', './evil.mjs'],
  ])('the environment cannot name what runs: %s=%s', async (variable, text) => {
    const at = machine()
    at.write('project/evil.mjs', 'export default { port: 2222 }')
    const env = { [variable]: text, SALLYPORT_ALLOW_EXEC: 'yes' }
    expect(await configErrorOf(at.load({ env, allowExec: false }))).toMatchObject({
      code: 'EXEC_DENIED',
      origin: variable,
      message: expect.stringContaining('names'),
    })
    expect(await at.load({ env })).not.toEqual([])
  })

  it('it can say the rest', async () => {
    const at = machine()
    at.write('project/own.json', '{"port": 1}')
    const env = {
      SALLYPORT_CONFIG: 'own.json',
      SALLYPORT_PROXY_JUMP: 'gw',
      SALLYPORT_SSH_CONFIG: 'none',
      SALLYPORT_USER: 'u',
    }
    expect(await at.load({ env, allowExec: false })).toHaveLength(2)
    const unused = { SALLYPORT_CONFIG: './evil.mjs' }
    expect(await at.load({ env: unused, config: { port: 1 }, allowExec: false })).toHaveLength(1)
  })
})

it('a name of a file or a directory forges no line and no colour in a message', async () => {
  const at = machine()
  const evil = 'project/\u001b[2Jevil\nsallyport: error: forged'
  at.write(`${evil}/sallyport.config.json`, '{"prot": 1}')
  const cwd = join(at.home, evil, 'sub')
  mkdirSync(cwd)
  const { message, origin } = await configErrorOf(at.load({ cwd }))
  expect(message).toBe(`${origin}: there is no such key; did you mean port?`)
  expect(origin).toBe('~/project/\\x1b[2Jevil\\nsallyport: error: forged/sallyport.config.json: prot')
  at.write(`${evil}/sallyport.config.yaml`, 'port: 1')
  expect((await configErrorOf(at.load({ cwd }))).message).not.toContain('\n')
  at.write('\u001b[2J.json', '{"port": 1}')
  const configs = await at.load({ config: join(at.home, '\u001b[2J.json') })
  expect(originFor(configs, 'h', 'port')).toBe('~/\\x1b[2J.json: port')
})
