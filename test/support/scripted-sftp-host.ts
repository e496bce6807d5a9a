// A connection to an embedded host with a scripted file server, and a directory here whose every change is seen.

import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from '../../src/index.js'
import { createNetwork, type FileTreeDescription, type Network } from '../../src/testing/index.js'
import { type ScriptedSftp, scriptedSftp } from './scripted-sftp.js'

export interface ScriptedSftpHost extends AsyncDisposable {
  readonly network: Network
  readonly sftp: ScriptedSftp
  /** Does `use` with a connection of its own to `filehost`, which is honest until it is given another script. */
  connected<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result>
  /** The same with `honesthost`, whose faults are those of the embedded network. */
  connectedHonestly<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result>
}

/** Starts two hosts with these files behind a gateway. */
export async function startScriptedSftpHost(files: FileTreeDescription): Promise<ScriptedSftpHost> {
  const sftp = scriptedSftp(files)
  const network = await createNetwork({
    hosts: {
      gatewayhost: { listen: true, reaches: ['*'] },
      filehost: { subsystems: { sftp: sftp.program } },
      honesthost: { files },
    },
  })
  const connect = async <Result>(
    name: string,
    use: (connection: Connection) => Promise<Result>,
  ): Promise<Result> => {
    const { settings, dialer } = network
    await using gateway = new Connection('gatewayhost', { ...settings, gateway: dialer })
    await using connection = new Connection(name, { ...settings, gateway })
    return await use(connection)
  }
  return {
    network,
    sftp,
    connected: (use) => {
      sftp.script = (request) => request.honest()
      return connect('filehost', use)
    },
    connectedHonestly: (use) => {
      network.host('honesthost').fault({})
      return connect('honesthost', use)
    },
    [Symbol.asyncDispose]: () => network.close(),
  }
}

/** A directory to download to, with neighbours that nobody may touch. */
export interface DownloadRoom extends Disposable {
  /** Where downloads go; it is empty. */
  readonly target: string
  /** Whatever is in `target`: paths with what they hold. */
  inside(): readonly string[]
  /** The same of everything around it. It has to stay as it was. */
  outside(): readonly string[]
}

export function downloadRoom(): DownloadRoom {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-room-'))
  const target = join(root, 'above', 'target')
  mkdirSync(target, { recursive: true })
  for (const name of ['precious', 'above/precious', 'above/target-2']) writeFileSync(join(root, name), name)
  return {
    target,
    inside: () => contentsOf(target),
    outside: () => contentsOf(root).filter((line) => !line.startsWith('above/target/')),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  }
}

/** `path` for a directory, `path = digest` for a file, `path -> text` for a link. */
function contentsOf(root: string): readonly string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  return entries
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const shown = path.slice(root.length + 1)
      if (entry.isFile()) return `${shown} = ${digestOf(readFileSync(path))}`
      return entry.isSymbolicLink() ? `${shown} -> ${readlinkSync(path)}` : shown
    })
    .sort()
}

export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16)
}
