// Which sources of our own configuration there are, in the order of their precedence, and which of them are trusted.

import { realpath } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { printable } from '../../printable.js'
import { type Env, expandHome, homeDirectory } from '../home-path.js'
import { answerOf, indexParts } from './answer.js'
import type { CheckedConfig } from './checked-config.js'
import { readCheckedFile, type Writers } from './checked-file.js'
import type { SallyportConfig } from './define-config.js'
import { type EnvironmentConfig, readEnvironment } from './environment.js'
import { isCode } from './load-data.js'
import type { OwnConfig, OwnSource } from './own-config.js'
import { problemsError, throwProblems } from './problems.js'
import { objectOrigin, RecordedConfig, recordConfig } from './recorded-config.js'
import { findIn, findUpwards } from './search.js'
import { isTrusted, type Trust } from './trust.js'
import { workingDirectory } from './working-directory.js'

/** What a program decides about our own configuration, and where it is looked for. */
export interface OwnConfigOptions {
  /**
   * A file in place of the project's; an object, which counts as the project's; or `false`: no file is read, and the
   * environment does not count.
   */
  readonly config?: false | string | SallyportConfig | RecordedConfig | undefined
  /**
   * Trusts the project file to name commands and to decide what is secure; `false` trusts none, whatever the environment
   * and the files of the user and of the system say, and then the environment cannot name a command either, nor a program
   * or files of ssh_config. Default: what those say.
   */
  readonly allowExec?: boolean | undefined
  /** Where the search for a project file begins, and what relative names are relative to. Default: the process's. */
  readonly cwd?: string | undefined
  /** Default: the process's. */
  readonly env?: Env | undefined
  /** The home directory. Default: `HOME` of `env`, else the account's. */
  readonly home?: string | undefined
  /** Default `/etc/sallyport`. */
  readonly systemDirectory?: string | undefined
}

/**
 * Reads what there is of our own configuration: environment, project, user, system, in the order of falling precedence.
 * Rejects with ConfigError: CONFIG_INVALID, CONFIG_UNUSABLE, or EXEC_DENIED for what needs trust that is not given.
 */
export async function loadOwnConfigs(options: OwnConfigOptions = {}): Promise<readonly OwnConfig[]> {
  if (options.config === false) return []
  const { env = process.env, cwd = workingDirectory(), systemDirectory = '/etc/sallyport' } = options
  const home = options.home ?? homeDirectory(env)
  const surroundings: Surroundings = { cwd, home }
  const environment = readEnvironment(env, { cwd, home, listSeparator: delimiter })
  const config = options.config ?? environment.config
  if (options.allowExec === false) {
    const isProgram = options.config === undefined && typeof config === 'string' && isCode(config)
    const program = { origin: 'SALLYPORT_CONFIG', message: 'names a program' }
    const problems = [...environment.needsTrust, ...(isProgram ? [program] : [])]
    throwProblems('EXEC_DENIED', problems, 'unset it, or leave out allowExec: false')
  }
  if (config === false) return ownOfEnvironment(environment)
  const user = await readOwnersFile('user', userDirectory(env, home), surroundings)
  const system = await readOwnersFile('system', systemDirectory, surroundings)
  const trust =
    options.allowExec ??
    environment.allowExec ??
    (await trustOf(user, surroundings)) ??
    (await trustOf(system, surroundings)) ??
    false
  const project =
    typeof config === 'object'
      ? await checkObject(config instanceof RecordedConfig ? config : recordConfig(config, surroundings))
      : await readProject(config, { ...surroundings, trust })
  return [
    ...ownOfEnvironment(environment),
    ...[project, user, system].filter((found) => found !== undefined).map(ownOf),
  ]
}

interface Surroundings {
  readonly cwd: string
  readonly home: string
}

/** A configuration that is in force. */
interface Loaded {
  readonly source: OwnSource
  readonly origin: string
  readonly config: CheckedConfig
  /** Whether it had to do without trust. */
  readonly untrusted: boolean
}

/** The file of the user or of the system: trusted, and therefore written by nobody else. */
async function readOwnersFile(
  source: 'user' | 'system',
  directory: string,
  surroundings: Surroundings,
): Promise<Loaded | undefined> {
  const path = await findIn(directory, 'config')
  return path === undefined ? undefined : readFile(path, { ...surroundings, source, writers: 'only me' })
}

/** The file that was named, or the one that is found. */
async function readProject(
  named: string | undefined,
  { cwd, home, trust }: Surroundings & { readonly trust: Trust },
): Promise<Loaded | undefined> {
  const path =
    named === undefined
      ? await findUpwards(cwd, 'sallyport.config', [home, await realDirectory(home)])
      : resolve(cwd, expandHome(named, { HOME: home }))
  if (path === undefined) return undefined
  const isTrustedHere = isTrusted(await realDirectory(dirname(path)), trust)
  const origin = labelOf(path, { cwd, home })
  // Whoever names a program wants it to run.
  if (isCode(path) && named === undefined && !isTrustedHere) {
    const message = 'is a program, and would be run although nobody said that it is trusted'
    throw problemsError('EXEC_DENIED', [{ origin, message }], { hint: waysToTrust })
  }
  const writers = named === undefined ? 'me and my group' : 'anyone'
  const loaded = await readFile(path, { cwd, home, source: 'project', writers })
  if (isTrustedHere || isCode(path)) return loaded
  throwProblems('EXEC_DENIED', loaded.config.needsTrust, waysToTrust)
  return { ...loaded, untrusted: true }
}

const waysToTrust =
  'if you trust the file, give allowExec: true, set SALLYPORT_ALLOW_EXEC=yes, or list its directory as allowExec in your ' +
  'own file; config: false reads none'

async function readFile(
  path: string,
  {
    cwd,
    home,
    source,
    writers,
  }: Surroundings & { readonly source: 'project' | 'user' | 'system'; readonly writers: Writers },
): Promise<Loaded> {
  const origin = labelOf(path, { cwd, home })
  const place = { source, file: origin, directory: dirname(path), home, writers }
  return { source, origin, config: await readCheckedFile(path, place), untrusted: false }
}

async function checkObject(config: RecordedConfig): Promise<Loaded> {
  return { source: 'project', origin: objectOrigin, config: await config.checked(), untrusted: false }
}

/** Whom the file of the user or of the system trusts; `undefined` when it does not say. */
async function trustOf(loaded: Loaded | undefined, { home }: Surroundings): Promise<Trust | undefined> {
  const allowExec = loaded?.config.allowExec
  if (loaded === undefined || typeof allowExec !== 'object') return allowExec as boolean | undefined
  const directories = allowExec.map((name) => expandHome(name, { HOME: home }))
  const partial = directories.find((name) => !isAbsolute(name))
  if (partial !== undefined) {
    const problem = {
      origin: `${loaded.origin}: allowExec`,
      message: 'must have absolute names of directories',
    }
    throw problemsError('CONFIG_INVALID', [problem])
  }
  return Promise.all(directories.map(realDirectory))
}

/** A directory by the name that has no links in it; as it is when there is none. */
async function realDirectory(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    return path
  }
}

/** As the XDG Base Directory Specification has it: a relative name does not count. */
function userDirectory(env: Env, home: string): string {
  const { XDG_CONFIG_HOME: base } = env
  return join(base !== undefined && isAbsolute(base) ? base : join(home, '.config'), 'sallyport')
}

/** How messages name a file: short where one is at home, or in the working directory. */
function labelOf(path: string, { cwd, home }: Surroundings): string {
  if (dirname(path) === cwd) return printable(relative(cwd, path))
  return printable(path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path)
}

function ownOf({ source, origin, config, untrusted }: Loaded): OwnConfig {
  const { findParts, sshConfig, groups, hostNames } = config
  return Object.freeze({
    source,
    origin,
    sshConfig,
    groups,
    hostNames,
    forHost: (host: string) => answerOf(findParts(host), { source, untrusted }),
  })
}

function ownOfEnvironment({ parts, sshConfig }: EnvironmentConfig): readonly OwnConfig[] {
  if (parts.length === 0 && sshConfig === undefined) return []
  const findParts = indexParts(parts)
  return [
    Object.freeze({
      source: 'environment',
      origin: 'the environment',
      sshConfig,
      groups: new Map(),
      hostNames: [],
      forHost: (host: string) => answerOf(findParts(host), { source: 'environment', untrusted: false }),
    }),
  ]
}
