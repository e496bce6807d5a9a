// A ProxyCommand as a link that can be printed: what looks like a secret in its text does not show.

import { inspect } from 'node:util'
import { withoutSecrets } from '../secret-text.js'
import type { ExpandedCommand } from './proxy-command.js'
import type { HopLink } from './route.js'

/** The link by a command; `text` is what it was before its tokens were expanded. */
export function commandLink(command: ExpandedCommand, text: string): HopLink {
  const kind = 'command'
  const shown = { value: () => ({ kind, text: withoutSecrets(text) }) }
  // What prints an object without asking it passes over what cannot be enumerated.
  return Object.freeze(
    Object.defineProperties({ kind, command, text } as const, {
      command: { enumerable: false },
      text: { enumerable: false },
      toJSON: shown,
      [inspect.custom]: shown,
    }),
  )
}
