// Parts of a configuration, each for some hosts -> what it says about one host: the first part that applies and has a
// value wins. Pure.

import type { ConfiguredGateway } from '../host-answer.js'
import type { SettingName, Settings } from '../settings.js'
import type { OwnAnswer, OwnSource } from './own-config.js'

/** A part of a configuration: its top level, or what stands under one pattern. */
export interface Part {
  /** Whether the part concerns the host, whose letters are lower case. */
  readonly appliesTo: (host: string) => boolean
  readonly values: ReadonlyMap<SettingName, PlacedValue>
  readonly gateway: ConfiguredGateway | undefined
}

/** A value that has been checked, and where it stands. */
export interface PlacedValue {
  readonly value: unknown
  readonly origin: string
}

/** Whose words they are. */
export interface Author {
  readonly source: OwnSource
  readonly untrusted: boolean
}

/** What `parts`, in the order of their precedence, say about a host as it was named. */
export function answerFor(host: string, parts: readonly Part[], { source, untrusted }: Author): OwnAnswer {
  const lowered = host.toLowerCase()
  const applying = parts.filter((part) => part.appliesTo(lowered))
  const found = new Map<SettingName, PlacedValue>()
  for (const { values } of applying) {
    for (const [name, value] of values) if (!found.has(name)) found.set(name, value)
  }
  const values: Record<string, unknown> = Object.create(null)
  for (const [name, { value }] of found) values[name] = value
  return {
    layer: {
      source,
      values: Object.freeze(values) as Partial<Settings>,
      untrusted,
      originOf: (name) => found.get(name)?.origin ?? source,
    },
    gateway: applying.find((part) => part.gateway !== undefined)?.gateway,
  }
}
