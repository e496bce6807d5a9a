import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { surround } from '../../../src/exec/surroundings.js'

const home = mkdtempSync(join(tmpdir(), 'surroundings-'))
afterAll(() => rmSync(home, { recursive: true }))
for (const name of ["it's here", '-P', '-', '~']) mkdirSync(join(home, name))

function runIn(shell: string, text: string): { stdout: string; status: number | null; stderr: string } {
  const { PATH } = process.env
  const env = { PATH, CDPATH: '/' }
  return spawnSync(shell, ['-c', text], { cwd: home, env, encoding: 'utf8' })
}

test('a command without surroundings stays as it is', () => {
  expect(surround('a; b', {})).toBe('a; b')
  expect(surround('a; b', { env: {} })).toBe('a; b')
})

for (const shell of ['dash', 'bash']) {
  test.each([
    ['lists', 'true && printf "$A" || printf no; printf .', 'x y.'],
    ['pipes', 'printf "$A" | tr a-z A-Z', 'X Y'],
    ['a comment at the end', 'printf "$A" # }', 'x y'],
    ['a here-document', 'cat <<E\n$A\nE', 'x y\n'],
    ['a background job', 'printf "$A" &', 'x y'],
    ['children', 'sh -c \'printf "$A"\'', 'x y'],
  ])(`in ${shell}, variables reach %s`, (_, command, output) => {
    const result = runIn(shell, surround(command, { env: { A: 'x y' } }))
    expect(result).toMatchObject({ stdout: output, status: 0 })
  })

  test.each(["it's here", '-P', '-', '~'])(`in ${shell}, the directory %s is taken literally`, (cwd) => {
    const result = runIn(shell, surround('pwd && printf "$A"', { cwd, env: { A: "'\n$(x)`" } }))
    expect(result).toMatchObject({ stdout: `${home}/${cwd}\n'\n$(x)\``, status: 0 })
  })

  test(`in ${shell}, a directory that cannot be entered is the command's failure`, () => {
    const result = runIn(shell, surround('echo ran', { cwd: 'missing' }))
    expect(result.stdout).toBe('')
    expect(result.status).toBeGreaterThan(0)
    expect(result.stderr).toContain('missing')
  })

  test(`in ${shell}, a variable that cannot be set keeps the command from running`, () => {
    const result = runIn(shell, `readonly A\n${surround('echo ran', { env: { A: '1' } })}`)
    expect(result.stdout).toBe('')
    expect(result.status).toBeGreaterThan(0)
  })

  test(`in ${shell}, the exit status is the command's`, () => {
    expect(runIn(shell, surround('exit 7', { cwd: '/', env: { A: '1' } })).status).toBe(7)
  })
}

test.each(['', '1A', 'A-B', 'A=B', 'A\n', 'Ä', '$(x)'])('%j is no name of a variable', (name) => {
  expect(() => surround('x', { env: { [name]: 'v' } })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})

test('NUL and empty directories are refused, and values of the wrong type', () => {
  const invalid = expect.objectContaining({ code: 'INVALID_OPTION' })
  expect(() => surround('x', { env: { A: '\0' } })).toThrow(invalid)
  expect(() => surround('x', { cwd: '' })).toThrow(invalid)
  expect(() => surround('x', { cwd: 1 as unknown as string })).toThrow(TypeError)
  expect(() => surround('x', { env: { A: 1 as unknown as string } })).toThrow(TypeError)
})
