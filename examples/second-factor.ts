// A login with questions, such as the code of a second factor. What the program knows it answers itself; the rest it
// asks. Questions come from the host's server, so that each is shown with the hop that asks it.
//
//   npx tsc -p examples && HOST_PASSWORD=… node examples/dist/second-factor.js ops@gatewayhost

import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Connection, formatHop, type KeyboardInteractiveRound } from 'sallyport'

const [hostName] = process.argv.slice(2)
if (hostName === undefined) {
  console.error('usage: second-factor.js [user@]name[:port]')
  process.exit(2)
}

async function answer({ hop, prompts }: KeyboardInteractiveRound): Promise<readonly string[]> {
  const answers: string[] = []
  for (const { text, echo } of prompts) {
    const password = /password/i.test(text) ? process.env['HOST_PASSWORD'] : undefined
    answers.push(password ?? (await ask(`${formatHop(hop)}: ${text} `, { echo })))
  }
  return answers
}

async function ask(question: string, { echo }: { readonly echo: boolean }): Promise<string> {
  process.stderr.write(question)
  const output = echo ? process.stderr : new Writable({ write: (_text, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY })
  try {
    return await terminal.question('')
  } finally {
    terminal.close()
    if (!echo) process.stderr.write('\n')
  }
}

// The time in which a person is asked does not count: give the login as long as the server does.
await using host = new Connection(hostName, { keyboardInteractive: answer, authTimeoutMs: 120_000 })
const { stdout } = await host.run('whoami')
console.log(stdout.trimEnd())
