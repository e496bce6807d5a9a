// What npm would publish, seen from the list of its files.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

function publishedFiles(): ReadonlySet<string> {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const answer = execFileSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [{ files }] = JSON.parse(answer) as [{ readonly files: readonly { readonly path: string }[] }]
  return new Set(files.map(({ path }) => path))
}

it('every source that a source map names is published with it', () => {
  const published = publishedFiles()
  const maps = [...published].filter((path) => path.endsWith('.js.map'))
  expect(maps).toContain('dist/index.js.map')
  const missing = maps.flatMap((map) => {
    const { sources } = JSON.parse(readFileSync(join(root, map), 'utf8')) as {
      readonly sources: readonly string[]
    }
    return sources.map((source) => join(dirname(map), source)).filter((source) => !published.has(source))
  })
  expect(missing).toEqual([])
})
