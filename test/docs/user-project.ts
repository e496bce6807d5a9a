// A project such as a user of the package has: its own folder, the built package by its name in node_modules, and
// TypeScript with the options of this project. What compiles and runs here does so with the published declarations.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { scratchDir } from '../support/run-dir.js'
import { root } from './markdown.js'
import { type Ended, runProgram } from './run-program.js'

/** What the documentation's programs import besides. */
const packages = [
  ...[
    '@types/node',
    '@types/pg',
    '@types/ws',
    'ioredis',
    'mongodb',
    'mysql2',
    'nodemailer',
    'pg',
    'postgres',
  ],
  ...['redis', 'undici', 'ws'],
]

export interface UserProject {
  readonly path: string
  /** Where the compiled form of a source is: `chain.ts` → `…/out/chain.js`. */
  compiled(source: string): string
}

/** Makes the project with these sources, by file name, and compiles them. Rejects with the compiler's messages. */
export async function makeUserProject(sources: ReadonlyMap<string, string>): Promise<UserProject> {
  const path = scratchDir('user-project')
  const write = (name: string, text: string): void => writeFileSync(join(path, name), text)
  const link = (name: string, target: string): void => {
    mkdirSync(dirname(join(path, 'node_modules', name)), { recursive: true })
    symlinkSync(join(root, target), join(path, 'node_modules', name))
  }
  write('package.json', '{ "name": "user-project", "private": true, "type": "module" }\n')
  link('sallyport', '.')
  for (const name of packages) link(name, join('node_modules', name))
  link('.bin/sallyport', 'dist/cli/main.js')
  const compilerOptions = { rootDir: '.', outDir: 'out', declaration: false }
  write(
    'tsconfig.json',
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }),
  )
  for (const [name, text] of sources) write(name, text)
  const { exitCode, stdout }: Ended = await runProgram(
    join(root, 'node_modules', '.bin', 'tsc'),
    ['-p', path],
    {
      cwd: path,
    },
  )
  if (exitCode !== 0) throw new Error(`the sources do not compile:\n${stdout}`)
  return { path, compiled: (source) => join(path, 'out', source.replace(/\.ts$/, '.js')) }
}
