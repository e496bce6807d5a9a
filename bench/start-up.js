// How long the command takes to do nothing, against Node.js doing nothing; with ssh2's native addon, and as on a machine
// that did not build it.

import { fileURLToPath } from 'node:url'
import { measure } from './measure.js'
import { compare } from './ratio.js'
import { runProgram } from './run-program.js'

const command = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const withoutAddon = fileURLToPath(new URL('../test/support/without-addon.cjs', import.meta.url))

export async function benchStartUp(_servers, { rounds }) {
  const node = (name, args) => ({ name, run: async () => void (await runProgram(process.execPath, args)) })
  const medians = await measure(
    [
      node('node -e 0', ['-e', '0']),
      node('sallyport --version', [command, '--version']),
      node('node -e 0, no addon', ['--require', withoutAddon, '-e', '0']),
      node('sallyport --version, no addon', ['--require', withoutAddon, command, '--version']),
    ],
    { rounds },
  )
  const rows = [
    compare(medians, { ours: 'sallyport --version', theirs: 'node -e 0', atMost: 1.5 }),
    compare(medians, { ours: 'sallyport --version, no addon', theirs: 'node -e 0, no addon', atMost: 1.5 }),
  ]
  return { title: 'Start-up', rows }
}
