// The ways to an SshConfig: the files of the system, named files, or a text. Files are read anew for each look-up, as
// far as they have changed.

import { dirname, join } from 'node:path'
import { printable } from '../../printable.js'
import { type Env, expandUserPath } from '../home-path.js'
import type { ExecPolicy, LookUpOptions, SshConfig } from './answer.js'
import type { FindName } from './canonical/canonical.js'
import { findName } from './canonical/find-name.js'
import { hostNamesOf } from './evaluate/host-names.js'
import { type Files, type LookUpContext, lookUp, type TopFile, visitBlocks } from './evaluate/look-up.js'
import { createFileCache } from './files/file-cache.js'
import { requireSize } from './files/read-file.js'
import { createSnapshot, type Snapshot } from './files/snapshot.js'
import { parseFile } from './parse/parse.js'
import type { Block } from './parse/parsed-file.js'
import { type LocalAccount, localAccount } from './tokens/local-account.js'

export interface ParseOptions {
  /** Default for files: `allow`; for a text: `deny`. */
  readonly exec?: ExecPolicy | undefined
  /**
   * Whether the files that an Include names are read. They can be any that this user may read, and messages tell of their
   * lines. Default for files: `read`; for a text: `refuse`, which makes each Include a mistake.
   */
  readonly include?: 'read' | 'refuse' | undefined
  /** `warn`, for editors: what is wrong with a line becomes a warning, and the good lines count. Default `throw`. */
  readonly onProblem?: 'throw' | 'warn' | undefined
  /** Default: this process's own, as it is when a file is parsed. */
  readonly env?: Env | undefined
  /** Who runs this, and where. Default: as the system says. */
  readonly account?: LocalAccount | undefined
  /** How names are looked up for CanonicalizeHostname. Default: by the system. */
  readonly findName?: FindName | undefined
}

export interface OpenOptions extends ParseOptions {
  /** `default`: ~/.ssh/config and /etc/ssh/ssh_config; else files as of `-F`, which must exist; none is `-F none`. */
  readonly files: 'default' | readonly string[]
  /** The system's file, beside which the files that it includes stand. Default `/etc/ssh/ssh_config`. */
  readonly systemFile?: string | undefined
}

const defaultSystemFile = '/etc/ssh/ssh_config'

/** Opens files of ssh_config(5). Nothing is read before the first look-up, which rejects when a file is not usable. */
export function openSshConfig(options: OpenOptions): SshConfig {
  const { files, systemFile = defaultSystemFile } = options
  const context = createContext(options, { exec: 'allow', include: 'read', systemFile })
  const { account } = context
  const cache = createFileCache(context.env)
  const openTop = (snapshot: Snapshot) =>
    files === 'default'
      ? findDefault(snapshot, { user: join(account.home, '.ssh/config'), system: systemFile })
      : openNamed(
          snapshot,
          files.map((file) => expandUserPath(file, account) ?? file),
        )
  return createSshConfig(context, async () => {
    const snapshot = createSnapshot(cache, account)
    return { snapshot, top: await openTop(snapshot) }
  })
}

/**
 * Takes a text of ssh_config(5); `file` names it in messages. What it includes, if it may, is read as of ~/.ssh/config.
 * Throws {@link ConfigError} CONFIG_UNUSABLE for more than 4 MiB.
 */
export function parseSshConfig(
  text: string,
  options: ParseOptions & { readonly file?: string | undefined } = {},
): SshConfig {
  const context = createContext(options, {
    exec: 'deny',
    include: 'refuse',
    systemFile: defaultSystemFile,
  })
  const label = printable(options.file ?? 'ssh_config')
  requireSize(text.length, label)
  const file = parseFile(text, label, context.env)
  const cache = createFileCache(context.env)
  const top: readonly TopFile[] = [{ file, location: 'user' }]
  return createSshConfig(context, async () => ({ snapshot: createSnapshot(cache, context.account), top }))
}

function createContext(
  options: ParseOptions,
  defaults: Pick<LookUpContext, 'exec' | 'include'> & { readonly systemFile: string },
): LookUpContext {
  const { exec = defaults.exec, include = defaults.include, onProblem = 'throw', env = process.env } = options
  return {
    account: options.account ?? localAccount(env),
    env,
    systemDirectory: dirname(defaults.systemFile),
    onProblem,
    exec,
    include,
    findName: options.findName ?? findName,
  }
}

function createSshConfig(context: LookUpContext, openFiles: () => Promise<Files>): SshConfig {
  return {
    exec: context.exec,
    async lookUp(query, options = {}) {
      return lookUp(query, options, { context, openFiles })
    },
    async hostNames(options: LookUpOptions = {}) {
      const blocks: Block[] = []
      await visitBlocks((block) => blocks.push(block), options, { context, openFiles })
      return hostNamesOf(blocks)
    },
  }
}

async function findDefault(
  snapshot: Snapshot,
  { user, system }: { readonly user: string; readonly system: string },
): Promise<readonly TopFile[]> {
  const userFile = await snapshot.find(user, 'only me')
  const systemFile = await snapshot.find(system, 'anyone')
  return [
    ...(userFile === undefined ? [] : [{ file: userFile, location: 'user' } as const]),
    ...(systemFile === undefined ? [] : [{ file: systemFile, location: 'system' } as const]),
  ]
}

async function openNamed(snapshot: Snapshot, paths: readonly string[]): Promise<readonly TopFile[]> {
  const top: TopFile[] = []
  for (const path of paths) top.push({ file: await snapshot.get(path, 'anyone'), location: 'user' })
  return top
}
