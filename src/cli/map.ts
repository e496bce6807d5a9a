// `sallyport map`: every host that the configuration names and how it is reached, as a picture. Connects to no host,
// and runs no command of the configuration.

import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import {
  ConfigError,
  configuredHosts,
  graphOf,
  type MapEntry,
  mapToHtml,
  mapToJson,
  mapToMermaid,
  mapToSvg,
  type Route,
  resolve,
} from '../index.js'
import type { Invocation } from './command-line.js'
import { MisuseError } from './misuse.js'
import { type Sources, sourcesOf } from './options.js'
import { OutputError } from './output-error.js'
import { reportingErrors } from './reporting-errors.js'
import { sideBySide } from './side-by-side.js'
import { warnAll } from './warn.js'

const formats = { svg: mapToSvg, html: mapToHtml, mermaid: mapToMermaid, json: mapToJson } as const

type Format = keyof typeof formats

export function map(invocation: Invocation): Promise<number> {
  const file = invocation.flags.findLast(({ letter }) => letter === '--output')?.value
  const format = formatOf(invocation, file)
  return reportingErrors(async (signal) => {
    const sources = sourcesOf(invocation)
    const found = await sideBySide(await configuredHosts(sources), {
      limit: lookUpsAtATime,
      work: (host) => find(host, { ...sources, signal }),
    })
    throwIfCommon(found)
    const entries = found.map(entryOf)
    warnAll(entries.flatMap((entry) => ('problem' in entry ? [`${entry.host}: ${entry.problem}`] : [])))
    const text = formats[format](graphOf(entries))
    if (file === undefined) process.stdout.write(text)
    else await write(file, text)
    return 0
  })
}

/** A look-up may wait for an answer of DNS, by which the others shall not be held up. */
const lookUpsAtATime = 16

type Found = { readonly host: string } & ({ readonly route: Route } | { readonly error: unknown })

async function find(host: string, options: Sources & { readonly signal: AbortSignal }): Promise<Found> {
  options.signal.throwIfAborted()
  try {
    return { host, route: await resolve(host, { ...options, exec: 'skip' }) }
  } catch (error) {
    options.signal.throwIfAborted()
    return { host, error }
  }
}

/** A host that has no route stands in the map with the reason. */
function entryOf(found: Found): MapEntry {
  return 'error' in found ? { host: found.host, problem: messageOf(found.error) } : found
}

/** What is wrong with every host in the same way is wrong with a file, and there is nothing to draw. */
function throwIfCommon(found: readonly Found[]): void {
  const errors = found.flatMap((each) => ('error' in each ? [each.error] : []))
  const [error] = errors
  const isCommon = errors.length === found.length && new Set(errors.map(messageOf)).size === 1
  // A single host cannot tell what is common, but for what is wrong with a file.
  if (isCommon && (errors.length > 1 || isOfFile(error))) throw error
}

function isOfFile(error: unknown): boolean {
  return error instanceof ConfigError && error.problems.length > 0
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    const hint = 'its directory must be there, with room and the permission to write'
    throw new OutputError(`--output: ${file} could not be written`, { hint, cause })
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** As `--format` says, else as the name of the file does, else SVG. Throws `MisuseError`. */
function formatOf({ command, flags }: Invocation, file: string | undefined): Format {
  const named = flags.findLast(({ letter }) => letter === '--format')?.value
  if (named === undefined) return ofExtension.get(extname(file ?? '').toLowerCase()) ?? 'svg'
  if (isFormat(named)) return named
  throw new MisuseError(`--format ${JSON.stringify(named)}: there is no such format`, {
    command,
    hint: `formats are ${Object.keys(formats).join(', ')}`,
  })
}

const ofExtension: ReadonlyMap<string, Format> = new Map([
  ['.html', 'html'],
  ['.htm', 'html'],
  ['.mmd', 'mermaid'],
  ['.json', 'json'],
])

function isFormat(name: string): name is Format {
  return Object.hasOwn(formats, name)
}
