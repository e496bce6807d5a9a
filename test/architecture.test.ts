// The rules of the source tree as tables, each with its reason. ARCHITECTURE.md tells the same in prose.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { importsOf, withoutCommentsAndStrings } from './support/imports.js'
import { parts, reserved } from './support/source-rules.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Files over 250 lines, and why they are not two files. */
const long: Readonly<Record<string, string>> = {
  'src/config/settings.ts': 'one table: what a setting means for people stands beside its row',
  'src/connection.ts': 'one face: what a connection can do is seen in one place',
  'src/error-codes.ts': 'one table: what a code means stands beside it',
  'src/errors.ts': 'one tree of errors in one file, so that its few classes are seen side by side',
  'src/hops/hop-node.ts': 'one state machine: its transitions are understood together or not at all',
  'src/socket/channel-socket.ts': 'one face: what each member of net.Socket means here is seen in one place',
}

const sources = filesBelow('src', /\.ts$/)
const tests = filesBelow('test', /\.(?:ts|cjs)$/)
const scripts = ['scripts', 'bench', 'examples'].flatMap((folder) => filesBelow(folder, /\.(?:ts|js|mjs)$/))

describe('who imports whom', () => {
  const rules = parts.map((part) => ({ ...part, list: part.mayImport.join(', ') || 'nothing' }))
  it.for(rules)('$name imports only $list: $because', ({ name, mayImport }) => {
    const allowed = new Set([name, ...mayImport])
    const wrong = sources
      .filter((file) => partOf(file) === name)
      .flatMap((file) => importedFiles(file).map((imported) => ({ file, imported })))
      .filter(({ imported }) => !allowed.has(partOf(imported)))
      .map(({ file, imported }) => `${file} imports ${imported} (${partOf(imported)})`)
    expect(wrong).toEqual([])
  })

  it('only src/cli and src/adapters see the package’s own front door', () => {
    const entrances = ['src/index.ts', 'src/testing/index.ts', 'src/adapters/index.ts']
    const wrong = sources
      .filter((file) => !/^src\/(?:cli|adapters)\//.test(file))
      .filter((file) => importedFiles(file).some((imported) => entrances.includes(imported)))
    expect(wrong).toEqual([])
  })

  it.for(reserved)('$name only where it belongs: $because', ({ module, to }) => {
    const wrong = sources.filter(
      (file) => !to.test(file.slice(4)) && importsOf(textOf(file)).some((name) => module.test(name)),
    )
    expect(wrong).toEqual([])
  })

  it('there is no dependency but those that an ADR gives a reason for', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(textOf(file))
        .filter(
          (name) =>
            !/^(?:\.|node:|ssh2(?:\/|$)|(?:cli-progress|jiti|log-update|picomatch|valibot|yaml)$)/.test(name),
        )
        .map((name) => `${file} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it('no file imports itself by way of others', () => {
    expect(findCycle()).toBeUndefined()
  })
})

describe('what the public declarations show', () => {
  it('they are built', () => {
    expect(existsSync(join(root, 'dist/index.d.ts')), 'dist is missing: run npm run build').toBe(true)
    expect(existsSync(join(root, 'dist/adapters/index.d.ts')), 'dist is missing: run npm run build').toBe(
      true,
    )
    expect(existsSync(join(root, 'dist/testing/index.d.ts')), 'dist is missing: run npm run build').toBe(true)
  })

  it('what a user can reach is followed from file to file', () => {
    expect([...publicDeclarations()]).toEqual(
      expect.arrayContaining(['dist/connection.d.ts', 'dist/errors.d.ts', 'dist/error-codes.d.ts']),
    )
  })

  it('no declaration that a user can reach mentions ssh2', () => {
    const wrong = [...publicDeclarations()].filter((file) => importsOf(textOf(file)).includes('ssh2'))
    expect(wrong).toEqual([])
  })

  it('no declaration that a user can reach has an any', () => {
    const wrong = [...publicDeclarations()].filter((file) =>
      /\bany\b/.test(withoutCommentsAndStrings(textOf(file))),
    )
    expect(wrong).toEqual([])
  })
})

describe('what files look like', () => {
  it('no file is longer than 400 lines', () => {
    expect([...sources, ...tests, ...scripts].filter((file) => linesOf(file) > 400)).toEqual([])
  })

  it('a source file over 250 lines has a reason, and a reason has its file', () => {
    expect(sources.filter((file) => linesOf(file) > 250)).toEqual(Object.keys(long).sort())
  })

  it('no file or folder is named for holding this and that', () => {
    const vague = /(?:^|\/)(?:utils?|helpers?|types?|common|misc|shared)(?:\.|\/|$)/
    expect([...sources, ...tests, ...scripts].filter((file) => vague.test(file))).toEqual([])
  })

  it('names are kebab-case, and only the entrances are called index', () => {
    expect(sources.filter((file) => !/^src(?:\/[a-z0-9-]+)+\.ts$/.test(file))).toEqual([])
    const inner = sources.filter((file) => /(?:^|\/)index\.ts$/.test(file))
    expect(inner).toEqual(['src/adapters/index.ts', 'src/index.ts', 'src/testing/index.ts'])
  })

  it('every file opens with one to six lines that say what it is for', () => {
    const files = [...sources, ...scripts, ...tests.filter((file) => !/\.test\.ts$/.test(file))]
    const wrong = files.filter((file) => {
      const lines = textOf(file)
        .replace(/^#!.*\n/, '')
        .split('\n')
      const opening = lines.findIndex((line) => !/^\/\/( |$)/.test(line))
      return opening < 1 || opening > 6
    })
    expect(wrong).toEqual([])
  })

  it('no test is left out', () => {
    const left = /\.(?:skip|only|todo|skipIf|runIf|fails)\s*\(|\b(?:xit|xdescribe|fit|fdescribe)\s*\(/
    expect(tests.filter((file) => left.test(textOf(file)))).toEqual([])
  })

  it('no file names a directory of the machine it was written on, or a package registry', () => {
    const registry = /https?:\/\/(?!www\.)[^\s/'"`]*(?:registry|npmjs|artifactory|verdaccio|nexus|mirror)/i
    const wrong = filesBelow('.', /./).filter(
      (file) => textOf(file).includes(root) || registry.test(textOf(file)),
    )
    expect(wrong).toEqual([])
  })
})

function partOf(file: string): string {
  const inside = file.replace(/^src\//, '')
  return parts.find(({ files }) => files.test(inside))?.name ?? `nothing that owns ${file}`
}

/** The files of the tree that a file imports. */
function importedFiles(file: string): readonly string[] {
  return importsOf(textOf(file))
    .filter((name) => name.startsWith('.'))
    .map((name) => normalize(join(dirname(file), name)).replace(/\.js$/, '.ts'))
}

/** Files that import each other in a ring, as a path; `undefined` when there is none. */
function findCycle(): string | undefined {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' → ')
    if (done.has(file)) return undefined
    for (const imported of importedFiles(file)) {
      const cycle = visit(imported, [...path, file])
      if (cycle !== undefined) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of sources) {
    const cycle = visit(file, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

function publicDeclarations(): ReadonlySet<string> {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const imported of importedFiles(file)) visit(imported.replace(/\.ts$/, '.d.ts'))
  }
  visit('dist/index.d.ts')
  visit('dist/testing/index.d.ts')
  visit('dist/adapters/index.d.ts')
  return seen
}

function filesBelow(folder: string, name: RegExp): readonly string[] {
  const left = new Set(['node_modules', 'dist', 'coverage', '.git', '.tmp'])
  const visit = (directory: string): readonly string[] =>
    readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !left.has(entry.name))
      .flatMap((entry) => {
        const path = join(directory, entry.name)
        if (entry.isDirectory()) return visit(path)
        return name.test(entry.name) && entry.isFile() ? [relative(root, path)] : []
      })
  const start = join(root, folder)
  return existsSync(start) ? [...visit(start)].sort() : []
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function linesOf(file: string): number {
  return textOf(file).split('\n').length - 1
}
