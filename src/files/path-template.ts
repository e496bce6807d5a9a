// Paths with {host} and the like in them, for the files of many hosts.

import type { HopRef } from '../errors.js'
import { safeSegment } from './safe-name.js'

/** What can stand in braces, with the text that takes its place. */
export type TemplateValues = Readonly<Partial<Record<TemplateName, string>>>

type TemplateName = 'host' | 'user' | 'port' | 'dirname' | 'basename'

/** The values of a host. */
export function hostValues({ host, user, port }: HopRef): TemplateValues {
  return { host: safeSegment(host), user: safeSegment(user), port: String(port) }
}

/** The values of a remote file: its name, and the directory that its path names, which never leads up or to the root. */
export function fileValues(path: string): TemplateValues {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  const name = parts.pop()
  return {
    basename: safeSegment(name ?? ''),
    dirname: parts.length === 0 ? '.' : parts.map(safeSegment).join('/'),
  }
}

/** Puts the values in. What stands in other braces stays as it is. */
export function fillTemplate(text: string, values: TemplateValues): string {
  return text.replace(/\{(host|user|port|dirname|basename)\}/g, (whole, name: TemplateName) => {
    return values[name] ?? whole
  })
}

/** Whether the path is another one for each file. */
export function namesEachFile(text: string): boolean {
  return text.includes('{basename}')
}
