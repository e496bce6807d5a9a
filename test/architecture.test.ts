// The rules of the source tree as tables, each with its reason. ARCHITECTURE.md tells the same in prose.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { importsOf, withoutCommentsAndStrings } from './support/imports.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

interface Part {
  readonly name: string
  readonly files: RegExp
  readonly mayImport: readonly string[]
  readonly because: string
}

/** The first part whose pattern matches owns the file. A part may always import itself. */
const parts: readonly Part[] = [
  {
    name: 'cli',
    files: /^cli\//,
    mayImport: ['index', 'testing', 'words'],
    because: 'the program can do what the library can, and nothing else',
  },
  {
    name: 'testing',
    files: /^testing\//,
    mayImport: ['words', 'config', 'seam', 'engine'],
    because: 'the embedded network is a peer of the library, not a part of its client side',
  },
  {
    name: 'adapters',
    files: /^adapters\//,
    mayImport: ['index', 'words'],
    because: 'what a driver needs is made of what any program can use',
  },
  {
    name: 'index',
    files: /^index\.ts$/,
    mayImport: ['words', 'config', 'route', 'map', 'hops', 'exec', 'socket', 'forward', 'ways', 'connection'],
    because: 'the public surface shows no hidden layer: no seam, no transport, no key handling',
  },
  {
    name: 'connection',
    files: /^(?:connection|preparation|resolve)\.ts$/,
    mayImport: ['words', 'config', 'seam', 'route', 'hops', 'exec', 'socket', 'forward'],
    because: 'the face joins the folders below it and opens nothing itself',
  },
  {
    name: 'map',
    files: /^map\//,
    mayImport: ['words', 'config', 'route'],
    because: 'a picture is made of routes, which are data',
  },
  {
    name: 'exec',
    files: /^exec\//,
    mayImport: ['words', 'seam', 'hops'],
    because: 'what a connection carries knows of live hops, not of how they were found or opened',
  },
  {
    name: 'forward',
    files: /^forward\//,
    mayImport: ['words', 'config', 'seam', 'hops'],
    because: 'a forward joins a listener with streams of a live hop, and knows nothing of the way to it',
  },
  {
    name: 'socket',
    files: /^socket\//,
    mayImport: ['words', 'seam', 'hops'],
    because: 'a socket is a stream of a live hop in another dress',
  },
  {
    name: 'ways',
    files: /^ways\//,
    mayImport: ['words', 'config', 'route', 'transport'],
    because: 'what can be given as a gateway besides a connection opens streams, and no hops',
  },
  {
    name: 'hops',
    files: /^hops\//,
    mayImport: ['words', 'config', 'seam', 'route', 'transport', 'hostkeys', 'auth', 'engine'],
    because: 'the only place where a route becomes connections: it joins the four siblings',
  },
  {
    name: 'transport',
    files: /^transport\//,
    mayImport: ['words', 'config', 'seam', 'route'],
    because: 'how bytes reach a hop has nothing to do with who is at its end',
  },
  {
    name: 'hostkeys',
    files: /^hostkeys\//,
    mayImport: ['words', 'config', 'seam', 'route'],
    because: 'whether a key is accepted must not depend on the way or on the credentials',
  },
  {
    name: 'auth',
    files: /^auth\//,
    mayImport: ['words', 'config', 'seam', 'route'],
    because: 'credentials belong to a hop and know nothing of the other hops',
  },
  {
    name: 'route',
    files: /^route\//,
    mayImport: ['words', 'config'],
    because: 'a route is data: resolved, tested and printed without a network',
  },
  {
    name: 'seam',
    files: /^wire\/(?:wire|server|public-key|ssh-string)\.ts$/,
    mayImport: ['words'],
    because: 'interfaces and formats of the SSH protocol, free of the engine behind them',
  },
  {
    name: 'engine',
    files: /^wire\//,
    mayImport: ['words', 'seam'],
    because: 'the engine is told what to do and asks back through the seam; it reads no settings',
  },
  {
    name: 'config',
    files: /^config\//,
    mayImport: ['words'],
    because: 'settings are values; what they are used for is not their business',
  },
  {
    name: 'words',
    files: /^[a-z-]+\.ts$/,
    mayImport: [],
    because: 'what every folder shares depends on none of them',
  },
]

/** Packages and modules of Node that only some files may import. */
const reserved = [
  {
    name: 'ssh2',
    module: /^ssh2(?:\/|$)/,
    to: /^wire\/ssh2-/,
    because: 'the engine can be replaced by replacing these files',
  },
  {
    name: 'sockets',
    module: /^node:(?:net|tls|http|https|dgram)$/,
    to: /^(?:transport|auth|testing|socket|forward|adapters)\/|^config\/ssh-config\/canonical\/address\.ts$/,
    because:
      'only transports reach out, and forwards, which also listen; sockets and adapters have the shapes of Node’s own; auth speaks to the agent, and ssh_config may name addresses',
  },
  {
    name: 'name look-ups',
    module: /^node:dns/,
    to: /^transport\/|^config\/ssh-config\/canonical\/find-name\.ts$/,
    because: 'names behind a gateway are never looked up here, but for CanonicalizeHostname',
  },
  {
    name: 'child processes',
    module: /^node:child_process$/,
    to: /^(?:transport|cli)\/|^process-group\.ts$|^config\/ssh-config\/evaluate\/run-command\.ts$/,
    because: 'the library starts a ProxyCommand and the command of a Match exec, and nothing else',
  },
  {
    name: 'files',
    module: /^node:fs/,
    to: /^(?:auth|hostkeys|testing|cli)\/|^(?:forward\/listen\/unix-socket|adapters\/redis)\.ts$|^transport\/require-descriptors\.ts$|^config\/(?:own\/(?:search|checked-file|load)|ssh-config\/(?:files\/(?:file-cache|glob|read-file)|tokens\/local-account))\.ts$/,
    because:
      'parsing and resolving touch no file, but where a source is read; a transport only counts descriptors',
  },
  {
    name: 'valibot',
    module: /^valibot$/,
    to: /^config\/own\/schema\.ts$/,
    because: 'a program without files of ours does not load it',
  },
  {
    name: 'jiti and yaml',
    module: /^(?:jiti|yaml)$/,
    to: /^config\/own\/load-(?:data|yaml)\.ts$/,
    because: 'a program without such files does not load them',
  },
]

/** Files over 250 lines, and why they are not two files. */
const long: Readonly<Record<string, string>> = {
  'src/config/settings.ts': 'one table: what a setting means for people stands beside its row',
  'src/connection.ts': 'one face: what a connection can do is seen in one place',
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

  it('there is no dependency but ssh2, Node, and what reads files of ours', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(textOf(file))
        .filter((name) => !/^(?:\.|node:|ssh2(?:\/|$)|(?:jiti|valibot|yaml)$)/.test(name))
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
