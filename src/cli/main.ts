#!/usr/bin/env node
// The command `sallyport`: finds out what is wanted and loads only what that needs. Ends with the exit code, and by
// itself: whatever keeps the process alive after its work would be a fault, and is not hidden by an exit.

import { readFileSync } from 'node:fs'
import { printable } from '../printable.js'
import { hasFlag, type Invocation, readCommandLine } from './command-line.js'
import { MisuseError } from './misuse.js'
import { WatchedOutput } from './watched-output.js'

const output = new WatchedOutput(process.stdout)
// That nobody reads standard error any more is no failure.
process.stderr.on('error', () => {})

const exitCode = await main(process.argv.slice(2))
process.exitCode = exitCode === 0 ? await codeOfOutput() : exitCode

/** That of a command whose work is done: it has succeeded if its output was taken. */
async function codeOfOutput(): Promise<number> {
  const cause = await output.findProblem()
  if (cause === undefined) return 0
  // As of a process that SIGPIPE ended: whoever stopped reading knows.
  if (cause.code === 'EPIPE') return 128 + 13
  const { reportError } = await import('./report-error.js')
  const { stdoutError } = await import('./output-error.js')
  reportError(stdoutError(cause), { verbosity: 0 })
  return 255
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const commandLine = readCommandLine(args)
    switch (commandLine.ask) {
      case 'help':
        process.stdout.write((await import('./help.js')).helpPage(commandLine.command))
        return 0
      case 'version':
        process.stdout.write(`sallyport ${version()}\n`)
        return 0
      case 'command':
        return await perform(commandLine)
    }
  } catch (error) {
    if (!(error instanceof MisuseError)) {
      ;(await import('./report-error.js')).reportError(error, { verbosity: 0 })
      return 255
    }
    // What was typed is quoted in it, and may have been pasted.
    process.stderr.write(`sallyport: error: ${printable(error.message, 2000)}\nhint: ${error.hint}\n`)
    return 2
  }
}

async function perform(invocation: Invocation): Promise<number> {
  switch (invocation.command) {
    case 'run':
      if (hasFlag(invocation, '-H')) return (await import('./run-many.js')).runMany(invocation)
      return (await import('./run.js')).run(invocation)
    case 'shell':
      return (await import('./shell.js')).shell(invocation)
    case 'put':
      return (await import('./put.js')).put(invocation)
    case 'get':
      return (await import('./get.js')).get(invocation)
    case 'forward':
      return (await import('./forward.js')).forward(invocation)
    case 'nc':
      return (await import('./nc.js')).nc(invocation)
    case 'check':
      return (await import('./check.js')).check(invocation)
    case 'route':
      return (await import('./route.js')).route(invocation)
    case 'config':
      return (await import('./config.js')).config(invocation)
    case 'map':
      return (await import('./map.js')).map(invocation)
    case 'demo':
      return (await import('./demo.js')).demo()
  }
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}
