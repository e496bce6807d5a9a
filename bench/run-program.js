// A program run to its end, as a Node.js program does that wants its output.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/**
 * Resolves with the output when the program has ended with 0 and its output is read; else rejects with what it said.
 * Its standard input is empty.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ readonly env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ readonly stdout: string, readonly stderr: string }>}
 */
export async function runProgram(program, args, { env } = {}) {
  const child = spawn(program, args, { env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  if (code === 0) return { stdout, stderr }
  throw new Error(`${program} ${args.join(' ')} ended with ${code ?? signal}: ${stderr}`)
}
