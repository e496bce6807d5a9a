// A home directory for one test: HOME points to it and the person's own agent is out of sight.
// The programs of OpenSSH ask the password file for their home, not HOME: give them -F.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { scratchDir } from './run-dir.js'

export interface TempHome extends Disposable {
  readonly path: string
  /** The path of a file in its .ssh directory. */
  ssh(name: string): string
  /** Writes a file below the home, mode 0600, directories 0700; gives its path. */
  write(name: string, text: string): string
}

export interface TempHomeOptions {
  /** The agent's socket. Default: no agent. */
  readonly agent?: string | undefined
}

/** Makes an empty home with an empty .ssh and moves in, until it is disposed. */
export function tempHome(options: TempHomeOptions = {}): TempHome {
  const path = scratchDir('home')
  mkdirSync(join(path, '.ssh'), { mode: 0o700 })
  const { HOME, SSH_AUTH_SOCK } = process.env
  setEnvironment({ HOME: path, SSH_AUTH_SOCK: options.agent })
  return {
    path,
    ssh: (name) => join(path, '.ssh', name),
    write(name, text) {
      const file = join(path, name)
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      writeFileSync(file, text, { mode: 0o600 })
      return file
    },
    [Symbol.dispose]() {
      setEnvironment({ HOME, SSH_AUTH_SOCK })
    },
  }
}

function setEnvironment(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
}
