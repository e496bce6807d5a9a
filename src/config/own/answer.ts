// Parts of a configuration, each for some hosts -> what it says about one host: the first part that applies and has a
// value wins. Pure.

import type { ConfiguredGateway } from '../host-answer.js'
import type { SettingName, Settings } from '../settings.js'
import type { OwnAnswer, OwnSource } from './own-config.js'

/** A part of a configuration: its top level, or what stands under one pattern. */
export interface Part {
  /** The host that the part is for, in lower case; or whether it concerns a host, whose letters are lower case. */
  readonly hosts: string | ((host: string) => boolean)
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

/** Finds the parts that concern a host as it was named, in their order. Thousands of names cost no more than one. */
export type FindParts = (host: string) => readonly Part[]

export function indexParts(parts: readonly Part[]): FindParts {
  const general: PlacedPart[] = []
  const byName = new Map<string, PlacedPart[]>()
  for (const [place, part] of parts.entries()) {
    const list = typeof part.hosts === 'string' ? (byName.get(part.hosts) ?? []) : general
    list.push({ part, place })
    if (typeof part.hosts === 'string') byName.set(part.hosts, list)
  }
  return (host) => {
    const lowered = host.toLowerCase()
    const matching = general.filter(({ part }) => typeof part.hosts === 'function' && part.hosts(lowered))
    const all = [...matching, ...(byName.get(lowered) ?? [])]
    return all.sort((a, b) => a.place - b.place).map(({ part }) => part)
  }
}

interface PlacedPart {
  readonly part: Part
  readonly place: number
}

/** What parts that all concern one host, in the order of their precedence, say about it. */
export function answerOf(applying: readonly Part[], { source, untrusted }: Author): OwnAnswer {
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
