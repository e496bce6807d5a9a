// What `npm test` and CI run, on a fresh Debian machine too: programs, lint, build, types, tests; one line for each
// step, the whole output of one that fails, and the totals alone on the last line.
// With arguments (`npm test -- test/unit`) it runs those tests only, after a build where there is none.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { missingPrograms, provide } from './test-programs.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (name) => join(root, 'node_modules', '.bin', name)
const chosen = process.argv.slice(2)

/** Runs a program silently; shows all that it said and ends with status 1 when it fails. */
function step(name, program, args) {
  const began = performance.now()
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (error === undefined && status === 0) {
    console.log(`${name}: ok (${((performance.now() - began) / 1000).toFixed(1)} s)`)
    return
  }
  process.stdout.write(`${stdout ?? ''}${stderr ?? ''}`)
  giveUp(`${name}: failed${error === undefined ? '' : `: ${error.message}`}`)
}

function giveUp(why) {
  console.log(why)
  console.log('0 passed, 1 failed')
  process.exit(1)
}

const missing = missingPrograms()
if (missing.length > 0) {
  const problem = provide(missing)
  if (problem !== undefined) giveUp(problem)
}
console.log(`programs: ok${missing.length > 0 ? ` (installed ${missing.join(', ')})` : ''}`)

if (chosen.length === 0) step('lint', bin('biome'), ['check'])
if (chosen.length === 0 || !existsSync(join(root, 'dist')))
  step('build', process.execPath, ['scripts/build.js'])
if (chosen.length === 0) step('types', bin('tsc'), ['-p', 'tsconfig.test.json'])

// The reporter of vitest.config.ts prints the totals last.
const { status } = spawnSync(bin('vitest'), ['run', ...chosen], { cwd: root, stdio: 'inherit' })
process.exitCode = status === 0 ? 0 : 1
