// A hop with these settings, as if a source had given them.

import { mergeLayers, type Source } from '../../../src/config/merge.js'
import type { Settings } from '../../../src/config/settings.js'
import type { Hop } from '../../../src/route/route.js'

export function sampleHop(
  values: Partial<Settings> = {},
  options: {
    readonly source?: Source
    readonly link?: Hop['link']
    readonly isOwnListChanged?: boolean
  } = {},
): Hop {
  const { source = 'runtime', link = { kind: 'tcp' }, isOwnListChanged = false } = options
  const layer = {
    source,
    values,
    originOf: (name: string) => `${source} ${name}`,
    isOwnListChanged: () => isOwnListChanged,
  }
  const { settings, origins } = mergeLayers([layer])
  return {
    host: 'bastion',
    hostName: 'bastion',
    user: 'ops',
    port: 22,
    link,
    linkOrigin: { from: 'default', beat: [] },
    settings,
    origins,
    unused: [],
    owner: 'route',
  }
}
