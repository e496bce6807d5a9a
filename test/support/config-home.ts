// A person with configuration, for one test: a home, a project in it where the person works, and nothing that the
// machine or the test run says about configuration. The default files are looked for there, as for anybody.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TempHome, type TempHomeOptions, tempHome } from './temp-home.js'

export interface ConfigHome extends TempHome {
  /** The working directory while the test lasts. */
  readonly project: string
}

/** Makes a home and moves in, until it is disposed. `env` is set on top. */
export function configHome(
  env: Readonly<Record<string, string>> = {},
  options: TempHomeOptions = {},
): ConfigHome {
  const [cwd, before] = [process.cwd(), { ...process.env }]
  const home = tempHome(options)
  const project = join(home.path, 'project')
  mkdirSync(project)
  for (const name of Object.keys(process.env)) if (isAboutConfiguration(name)) delete process.env[name]
  Object.assign(process.env, env)
  process.chdir(project)
  return {
    ...home,
    project,
    [Symbol.dispose]() {
      process.chdir(cwd)
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
      Object.assign(process.env, before)
    },
  }
}

function isAboutConfiguration(variable: string): boolean {
  return /^(SALLYPORT_|XDG_CONFIG)/.test(variable)
}
