import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, '../../../../src/config/own')

/** What a file imports before it runs, types aside. */
function staticImportsOf(file: string): readonly string[] {
  const text = readFileSync(join(folder, file), 'utf8')
  return [...text.matchAll(/^import (?!type )[^;]*? from '([^']+)'/gm)].map(([, name = '']) => name)
}

it('a program without configuration files loads no library for them', () => {
  const heavy = new Set(['jiti', 'yaml', 'valibot', './schema.js', './load-yaml.js'])
  const importing = readdirSync(folder).filter((file) =>
    staticImportsOf(file).some((name) => heavy.has(name)),
  )
  expect(staticImportsOf('load.ts')).toContain('./environment.js')
  expect(importing).toEqual(['load-yaml.ts', 'schema.ts'])
})
