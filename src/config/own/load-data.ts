// One file of ours -> data, by the ending of its name. What the data says is not looked at here. The libraries are
// loaded with the first file that needs them.

import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ConfigError } from '../../errors.js'
import { printable } from '../../printable.js'
import { problemsError } from './problems.js'

/** Whether a file of this name is a program, which is run in order to be read. */
export function isCode(path: string): boolean {
  return ['.ts', '.js', '.mjs'].includes(extname(path))
}

/** Reads the text of a JSON or YAML file. Rejects with ConfigError CONFIG_INVALID. */
export async function parseData(text: string, path: string, label: string): Promise<unknown> {
  const plain = text.replace(/^\ufeff/, '')
  switch (extname(path)) {
    case '.json':
      return parseJson(plain, label)
    case '.yaml':
    case '.yml':
      return (await import('./load-yaml.js')).parseYaml(plain, label)
    default:
      throw problemsError('CONFIG_UNUSABLE', [
        { origin: label, message: 'must end in .ts, .js, .mjs, .json, .yaml or .yml' },
      ])
  }
}

/** Runs a file that is a program, and takes its default export. `version` changes when the file does. */
export async function runCode(path: string, version: string, label: string): Promise<unknown> {
  let found: unknown
  try {
    found = extname(path) === '.ts' ? await runTypeScript(path) : await runJavaScript(path, version)
  } catch (error) {
    const why = error instanceof Error ? printable(error.message) : 'it threw what is no error'
    throw problemsError('CONFIG_INVALID', [{ origin: label, message: `cannot be loaded: ${why}` }], {
      cause: error,
    })
  }
  if (found !== undefined) return found
  throw problemsError('CONFIG_INVALID', [{ origin: label, message: 'has no default export' }])
}

async function runJavaScript(path: string, version: string): Promise<unknown> {
  const url = pathToFileURL(path)
  url.searchParams.set('version', version)
  const { default: found }: { readonly default?: unknown } = await import(url.href)
  return found
}

async function runTypeScript(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  // Its cache of files would be a directory in /tmp, where others could put what is run here.
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    nativeModules: ['sallyport'],
  })
  const { default: found } = await jiti.import<{ readonly default?: unknown }>(path)
  return found
}

// The message of JSON.parse may quote the file, in which there may be a secret: only the place is taken from it.
function parseJson(text: string, label: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const [, position] = /at position (\d+)/.exec((error as Error).message) ?? []
    const line = position === undefined ? '' : `:${text.slice(0, Number(position)).split('\n').length}`
    throw malformed(`${label}${line}`, 'is not JSON')
  }
}

function malformed(origin: string, message: string): ConfigError {
  return problemsError('CONFIG_INVALID', [{ origin, message }])
}
