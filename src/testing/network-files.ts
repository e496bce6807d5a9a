// The files by which other programs use an embedded network: its known_hosts, its user key, and an ssh_config.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Paths in a directory of their own, which only the owner can read and which goes when the network is closed. */
export interface NetworkFiles {
  readonly directory: string
  /** The private key that users accept who describe none. */
  readonly identity: string
  readonly knownHosts: string
  /** For `ssh -F`: the listening hosts by name, on their real ports; use -J for the others. */
  readonly sshConfig: string
}

export interface FileContents {
  readonly privateKey: string
  readonly knownHosts: string
  readonly listening: readonly { readonly name: string; readonly port: number }[]
}

export async function writeFiles({ privateKey, knownHosts, listening }: FileContents): Promise<NetworkFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-testing-'))
  const files: NetworkFiles = {
    directory,
    identity: join(directory, 'id_ed25519'),
    knownHosts: join(directory, 'known_hosts'),
    sshConfig: join(directory, 'ssh_config'),
  }
  try {
    await writeFile(files.identity, privateKey, { mode: 0o600 })
    await writeFile(files.knownHosts, knownHosts, { mode: 0o600 })
    await writeFile(files.sshConfig, sshConfig(files, listening), { mode: 0o600 })
  } catch (error) {
    await removeFiles(files)
    throw error
  }
  return files
}

export async function removeFiles({ directory }: NetworkFiles): Promise<void> {
  await rm(directory, { recursive: true, force: true })
}

function sshConfig(files: NetworkFiles, listening: FileContents['listening']): string {
  const hosts = listening.flatMap(({ name, port }) => [
    `Host ${name}`,
    '  HostName 127.0.0.1',
    `  HostKeyAlias ${name}`,
    `  Port ${port}`,
  ])
  const common = [
    'Host *',
    `  IdentityFile "${files.identity}"`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile "${files.knownHosts}"`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking yes',
  ]
  return `${[...hosts, ...common].join('\n')}\n`
}
