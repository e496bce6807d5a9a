// A machine for one test of our own configuration: a home, a directory of the system, a project inside the home.

import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SallyportConfig } from '../../../../src/config/own/define-config.js'
import { loadOwnConfigs, type OwnConfigOptions } from '../../../../src/config/own/load.js'
import type { OwnConfig } from '../../../../src/config/own/own-config.js'
import type { SettingName } from '../../../../src/config/settings.js'
import { ConfigError } from '../../../../src/errors.js'
import { scratchDir } from '../../../support/run-dir.js'

export interface Machine {
  readonly home: string
  readonly project: string
  readonly systemDirectory: string
  /** Writes a file, by its name in the home; gives its path. */
  write(name: string, text: string): string
  /** Writes a file of the project: its configuration, when no other name is given. */
  writeProject(config: SallyportConfig | Readonly<Record<string, unknown>>, name?: string): string
  writeUser(config: SallyportConfig): string
  writeSystem(config: SallyportConfig): string
  load(options?: OwnConfigOptions): Promise<readonly OwnConfig[]>
}

export function machine(): Machine {
  const home = scratchDir('home')
  const systemDirectory = scratchDir('etc')
  const project = join(home, 'project')
  mkdirSync(project)
  const write = (path: string, text: string): string => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  return {
    home,
    project,
    systemDirectory,
    write: (name, text) => write(join(home, name), text),
    writeProject: (config, name = 'sallyport.config.json') =>
      write(join(project, name), JSON.stringify(config)),
    writeUser: (config) => write(join(home, '.config/sallyport/config.json'), JSON.stringify(config)),
    writeSystem: (config) => write(join(systemDirectory, 'config.json'), JSON.stringify(config)),
    load: (options) => loadOwnConfigs({ cwd: project, home, env: {}, systemDirectory, ...options }),
  }
}

/** Makes a file look as if it had been written long ago: the clock of a file system is too coarse for a test. */
export function age(path: string, seconds: number): void {
  const time = Date.now() / 1000 - seconds
  utimesSync(path, time, time)
}

/** What the only source says about a host: values, and where each stands. */
export function valuesFor(configs: readonly OwnConfig[], host: string): Readonly<Record<string, unknown>> {
  return { ...configs.find(() => true)?.forHost(host).layer.values }
}

export function originFor(
  configs: readonly OwnConfig[],
  host: string,
  name: SettingName,
): string | undefined {
  return configs
    .map((config) => config.forHost(host).layer)
    .find(({ values }) => values[name] !== undefined)
    ?.originOf(name)
}

/** The error that `work` fails with. Throws when it succeeds, or fails with another kind of error. */
export async function configErrorOf(work: Promise<unknown>): Promise<ConfigError> {
  try {
    await work
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('this was to fail, and succeeded')
}
