// A configuration that a program gives as an object -> what it said when it was given. It is recorded at once, so that no
// later change of the object counts; it is checked when it is needed, because that brings the library of schemas with it.

import { homeDirectory } from '../home-path.js'
import type { CheckedConfig } from './checked-config.js'
import type { SallyportConfig } from './define-config.js'
import { type InertCopy, inertCopy, isCopyOf } from './inert-copy.js'
import { workingDirectory } from './working-directory.js'

/** How messages name the object. */
export const objectOrigin = 'option config'

interface Surroundings {
  readonly cwd: string
  readonly home: string
}

/** A configuration as it was when it was recorded, made by {@link recordConfig}. */
export class RecordedConfig {
  readonly #data: InertCopy
  readonly #surroundings: Surroundings
  #checked: Promise<CheckedConfig> | undefined

  constructor(data: InertCopy, surroundings: Surroundings) {
    this.#data = data
    this.#surroundings = surroundings
  }

  /** Checks it, once. Rejects with ConfigError CONFIG_INVALID. */
  checked(): Promise<CheckedConfig> {
    this.#checked ??= this.#check()
    return this.#checked
  }

  /** Whether `config` in these surroundings still says the same. */
  isOf(config: SallyportConfig, { cwd, home }: Surroundings): boolean {
    const { copy, leftOut } = this.#data
    const isThere = this.#surroundings.cwd === cwd && this.#surroundings.home === home
    return isThere && leftOut.length === 0 && isCopyOf(copy, config)
  }

  async #check(): Promise<CheckedConfig> {
    const { checkConfig } = await import('./schema.js')
    const { cwd, home } = this.#surroundings
    return checkConfig(this.#data, { source: 'project', file: objectOrigin, directory: cwd, home })
  }
}

/** Who gives one object to a thousand connections pays for one check, and so does who makes it anew for each of them. */
const recorded = new WeakMap<SallyportConfig, RecordedConfig>()
let latest: WeakRef<RecordedConfig> | undefined

/**
 * Records what the object says. Names of files in it are relative to `cwd` (default: the process's), `home` is what `~`
 * stands for. Nothing is checked yet.
 */
export function recordConfig(
  config: SallyportConfig,
  { cwd = workingDirectory(), home = homeDirectory(process.env) }: Partial<Surroundings> = {},
): RecordedConfig {
  const known = [recorded.get(config), latest?.deref()].find((each) => each?.isOf(config, { cwd, home }))
  const record = known ?? new RecordedConfig(inertCopy(config), { cwd, home })
  recorded.set(config, record)
  latest = new WeakRef(record)
  return record
}
