// Which of the configured forwards an open one is, and so where it leads: an open one knows only where it listens.

import type { Forward, Settings } from '../index.js'
import { fieldsOf } from './forward-flags.js'

interface Spec {
  readonly kind: Forward['kind']
  /** A port or a path, as written; `0` for any port. */
  readonly listens: string
  readonly leadsTo: string | undefined
}

/** Where each of the forwards leads, in their order; `undefined` for a proxy. */
export function targetsOf(
  forwards: readonly Pick<Forward, 'kind' | 'address'>[],
  settings: Pick<Settings, 'localForward' | 'remoteForward' | 'dynamicForward'>,
): readonly (string | undefined)[] {
  const specs = [
    ...settings.localForward.map((text) => specOf('local', text)),
    ...settings.remoteForward.map((text) => specOf('remote', text)),
    ...settings.dynamicForward.map((text) => specOf('dynamic', text)),
  ]
  return forwards.map(({ kind, address }) => {
    const place = 'path' in address ? address.path : String(address.port)
    const ofKind = specs.filter((spec) => spec.kind === kind)
    const found =
      ofKind.find(({ listens }) => listens === place) ?? ofKind.find(({ listens }) => listens === '0')
    if (found !== undefined) specs.splice(specs.indexOf(found), 1)
    return found?.leadsTo
  })
}

// `[bind:]port[:host:port]`, where a path may stand for `bind:port` and for `host:port`.
function specOf(kind: Forward['kind'], text: string): Spec {
  const fields = fieldsOf(text)
  const isProxy = fields.length === 1 || (fields.length === 2 && !fields.some(isPath))
  const targetFields = isProxy ? 0 : isPath(fields.at(-1)) ? 1 : 2
  const listens = fields.slice(0, fields.length - targetFields)
  const target = fields.slice(fields.length - targetFields)
  return {
    kind,
    listens: plain(listens.at(-1)),
    leadsTo: isProxy ? undefined : target.map(shown).join(':'),
  }
}

function isPath(field = ''): boolean {
  return field.includes('/')
}

function plain(field = ''): string {
  return field.replace(/\\(.)/gs, '$1')
}

/** Brackets stand only around what has a colon. */
function shown(field: string): string {
  const inside = /^\[(.*)\]$/s.exec(field)?.[1]
  return inside === undefined || inside.includes(':') ? plain(field) : inside
}
