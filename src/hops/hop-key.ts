// When two hops that configuration made are the same hop, and can share one connection: when all their settings are the
// same, secrets included.

import { createHmac, randomBytes } from 'node:crypto'
import { settingNames } from '../config/settings.js'
import type { Hop } from '../route/route.js'

/** Known to this process only, so that nobody can try out secrets on a key. */
const processSecret = randomBytes(32)

/**
 * A key that is the same for the same hop behind the same gateway. Nothing of the hop can be read from it. Functions,
 * which settings may have, are the same only when they are the same object.
 */
export function hopKey({ host, hostName, user, port, link, settings }: Hop, gateway: number): string {
  // What settings and links show of themselves leaves out what may be secret in them.
  const values = settingNames.map((name) => settings[name] ?? null)
  const way = wayOf(link)
  const text = JSON.stringify([host, hostName, user, port, way, values, gateway], (_name, value: unknown) =>
    typeof value === 'function' ? { function: idOf(value) } : value,
  )
  return createHmac('sha256', processSecret).update(text).digest('base64')
}

function wayOf(link: Hop['link']): unknown {
  switch (link.kind) {
    case 'command':
      return link.command
    case 'remote-command':
      return [link.command, link.when]
    case 'proxy':
      return link.proxies.map(({ url, credentials, tls }) => [url, credentials, tls])
    default:
      return link
  }
}

const ids = new WeakMap<object, number>()
let lastId = 0

/** A number that this very object has for good, and no other; 0 for none. */
export function idOf(thing: object | undefined): number {
  if (thing === undefined) return 0
  const id = ids.get(thing) ?? ++lastId
  ids.set(thing, id)
  return id
}
