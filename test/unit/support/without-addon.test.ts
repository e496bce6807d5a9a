import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const execute = promisify(execFile)
const probe = `
  const { bindingAvailable } = require('ssh2/lib/protocol/crypto.js')
  let cpu = true
  try { require('cpu-features') } catch { cpu = false }
  require('ssh2')
  console.log(JSON.stringify({ addon: bindingAvailable, cpu }))`

it('with the hook ssh2 loads, and finds neither its addon nor cpu-features', async () => {
  const { stdout } = await execute(process.execPath, [
    '--require',
    './test/support/without-addon.cjs',
    '-e',
    probe,
  ])
  expect(JSON.parse(stdout)).toEqual({ addon: false, cpu: false })
})
