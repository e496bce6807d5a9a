// A shell of an embedded host: lines in, the host's own commands out. With a terminal it prompts and echoes.

import { Readable, Writable } from 'node:stream'
import type { ServedStatus } from '../wire/server.js'
import type { CommandContext } from './description.js'

type Run = (command: string, context: CommandContext) => Promise<ServedStatus>

/** Reads lines until `exit`, the end of the input, or Ctrl-D on an empty line; ends as its last command did. */
export async function runShell(context: CommandContext, run: Run): Promise<ServedStatus> {
  const { stdin, pty } = context
  const say = (text: string): boolean =>
    context.stdout.write(pty === undefined ? text : text.replace(/\n/g, '\r\n'))
  const prompt = pty === undefined ? '' : `${context.user}@${context.host}$ `
  let status: ServedStatus = { exitCode: 0 }
  let line = ''
  say(prompt)
  stdin.setEncoding('utf8')
  for await (const text of stdin) {
    for (const character of text as string) {
      if (character === '\u0004' && pty !== undefined && line === '') return status
      if (character === '\u0003' && pty !== undefined) {
        line = ''
        say(`^C\n${prompt}`)
      } else if (character === '\u007f' && pty !== undefined) {
        if (line !== '') say('\b \b')
        line = line.slice(0, -1)
      } else if (character === '\n' || (character === '\r' && pty !== undefined)) {
        const command = line.trim()
        line = ''
        if (pty !== undefined) say('\n')
        if (command !== '') status = await run(command, forLine(context, say))
        if (/^exit(\s|$)/.test(command)) return status
        say(prompt)
      } else {
        line += character
        if (pty !== undefined) say(character)
      }
    }
  }
  return status
}

/** What one line's command sees: no input of its own, and with a terminal one output for everything. */
function forLine(context: CommandContext, say: (text: string) => boolean): CommandContext {
  const stdin = Readable.from([])
  if (context.pty === undefined) return { ...context, stdin }
  const terminal = new Writable({
    write(chunk, _encoding, done) {
      say(String(chunk))
      done()
    },
  })
  return { ...context, stdin, stdout: terminal, stderr: terminal }
}
