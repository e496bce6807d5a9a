// Data -> a checked configuration: keys, shapes and values, with the place of everything that is wrong. Loaded only when
// there is data to check, because it brings the library of schemas with it.

import * as v from 'valibot'
import type { ConfigProblem } from '../../errors.js'
import { invalid, textKind } from '../kinds.js'
import { matchList } from '../pattern.js'
import { type SettingName, settingNames } from '../settings.js'
import { indexParts, type Part, type PlacedValue } from './answer.js'
import type { CheckedConfig, ConfigPlace } from './checked-config.js'
import { type GatewayName, type GatewayWords, gatewayNames, readGateway } from './gateway.js'
import { type InertCopy, isMapping } from './inert-copy.js'
import { type KeyPath, placeOf } from './key-path.js'
import { findNearest } from './nearest-name.js'
import { mostProblems, throwProblems } from './problems.js'
import { findMisplaced, type Reach, reachOf } from './reach.js'
import { readSetting, whatIsWrong } from './read-setting.js'
import { readSshConfigChoice } from './ssh-config-choice.js'
import { findWhatNeedsTrust } from './trust.js'

/** Checks data as a configuration. Throws ConfigError CONFIG_INVALID with everything that is wrong. */
export function checkConfig({ copy, leftOut }: InertCopy, place: ConfigPlace): CheckedConfig {
  const { file } = place
  const problems = leftOut.map(({ path, message }) => ({ origin: placeOf(file, path), message }))
  const { output, issues } = v.safeParse(configSchema, copy)
  for (const issue of issues ?? []) {
    // What nobody is told needs no name that may have been meant, which takes time to find.
    problems.push(problemOf(issue, { file, isTold: problems.length < mostProblems }))
  }
  // What is right is looked at all the same, so that one run tells everything.
  const found = isMapping(output) ? (output as Partial<v.InferOutput<typeof configSchema>>) : {}
  const parts: Part[] = []
  for (const [pattern, host] of Object.entries(found.hosts ?? {})) {
    parts.push(partOf(host ?? {}, { place, pattern, problems }))
  }
  parts.push(partOf(found, { place, pattern: undefined, problems }))
  if (place.source === 'project' && found.allowExec !== undefined) {
    const message = 'a project cannot trust itself: this belongs into the file of the user or of the system'
    problems.push({ origin: placeOf(file, ['allowExec']), message })
  }
  throwProblems('CONFIG_INVALID', problems)
  const sshConfig =
    found.sshConfig === undefined
      ? undefined
      : readSshConfigChoice(found.sshConfig, { ...place, origin: placeOf(file, ['sshConfig']) })
  return {
    findParts: indexParts(parts),
    sshConfig,
    groups: new Map(Object.entries(found.groups ?? {})),
    hostNames: Object.keys(found.hosts ?? {}).filter((pattern) => reachOf(pattern) === 'one host'),
    allowExec: found.allowExec,
    needsTrust: findWhatNeedsTrust(parts, sshConfig),
  }
}

interface PartContext {
  readonly place: ConfigPlace
  /** `undefined` for the top level. */
  readonly pattern: string | undefined
  readonly problems: ConfigProblem[]
}

/** Places the values of the top level or of one pattern, and tells what must not stand there. */
function partOf(found: Readonly<Record<string, unknown>>, { place, pattern, problems }: PartContext): Part {
  const originOf = (name: string): string =>
    placeOf(place.file, pattern === undefined ? [name] : ['hosts', pattern, name])
  const reach: Reach = pattern === undefined ? 'every host' : reachOf(pattern)
  const values = new Map<SettingName, PlacedValue>()
  for (const name of settingNames) {
    const value = found[name]
    if (value === undefined || value === null) continue
    const origin = originOf(name)
    const message = findMisplaced(name, value, reach)
    if (message !== undefined) problems.push({ origin, message })
    values.set(name, { value, origin })
  }
  const [gateway, second] = gatewayNames.filter((name) => found[name] !== undefined)
  if (gateway !== undefined && second !== undefined) {
    problems.push({ origin: originOf(second), message: `${gateway} is given, too: a host has one gateway` })
  }
  return {
    hosts: pattern === undefined ? () => true : hostsOf(pattern),
    values,
    gateway:
      gateway === undefined
        ? undefined
        : { ...(found[gateway] as GatewayWords), source: place.source, origin: originOf(gateway) },
  }
}

/** Patterns as of ssh's `Host`, blanks or commas between them; the letters of ASCII are compared in lower case. */
function hostsOf(patterns: string): Part['hosts'] {
  const lowered = patterns.toLowerCase()
  if (reachOf(lowered) === 'one host') return lowered.replace(/[\s,]+/g, '')
  const list = lowered.split(/[\s,]+/)
  return (host) => matchList(host, list) === 'yes'
}

function problemOf(
  issue: v.BaseIssue<unknown>,
  { file, isTold }: { readonly file: string; readonly isTold: boolean },
): ConfigProblem {
  const path = (issue.path ?? []).map(({ type, key }) => (type === 'array' ? Number(key) : String(key)))
  const isUnknown = issue.type === 'never'
  return { origin: placeOf(file, path), message: isUnknown ? unknownKey(path, { isTold }) : issue.message }
}

function unknownKey(path: KeyPath, { isTold }: { readonly isTold: boolean }): string {
  const known = path.length === 1 ? Object.keys(configEntries) : Object.keys(hostEntries)
  const nearest = isTold ? findNearest(String(path.at(-1)), known) : undefined
  return nearest === undefined ? 'there is no such key' : `there is no such key; did you mean ${nearest}?`
}

/** A value that `read` checks: what it throws becomes the issue. */
function readBy<T>(name: string, read: (value: unknown, origin: string) => T) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return read(dataset.value, name)
      } catch (error) {
        addIssue({ message: whatIsWrong(error, name) })
        return NEVER
      }
    }),
  )
}

const mapping = v.custom<Readonly<Record<string, unknown>>>(isMapping, 'must be keys and values')

const list = v.pipe(
  v.array(
    readBy('', (value) => textKind.check(value, '')),
    'must be a list of strings',
  ),
  v.readonly(),
)

const hostEntries = {
  ...entriesOf(settingNames, (name) => readBy(name, (value) => readSetting(name, value, name))),
  ...entriesOf<GatewayName, GatewayWords>(gatewayNames, (name) =>
    readBy(name, (value) => readGateway(name, value, name)),
  ),
}

const hostSchema = v.pipe(mapping, v.objectWithRest(hostEntries, v.never()))

const pattern = readBy('', (key) => {
  if (typeof key === 'string' && key.trim() !== '') return textKind.check(key, '').trim()
  throw invalid('', 'must name hosts')
})

const noFiles = 'must be false, default, or names of files'

const configEntries = {
  ...hostEntries,
  hosts: v.optional(v.pipe(mapping, v.record(pattern as v.GenericSchema<string>, hostSchema))),
  sshConfig: v.optional(
    v.union(
      [v.literal(false), v.pipe(v.string(), v.nonEmpty(noFiles)), v.pipe(list, v.minLength(1, noFiles))],
      noFiles,
    ),
  ),
  groups: v.optional(v.pipe(mapping, v.record(v.string(), list))),
  allowExec: v.optional(v.union([v.boolean(), list], 'must be true, false, or a list of directories')),
}

const configSchema = v.pipe(mapping, v.objectWithRest(configEntries, v.never()))

function entriesOf<N extends string, T>(
  names: readonly N[],
  schemaOf: (name: N) => v.GenericSchema<unknown, T>,
): Record<N, v.OptionalSchema<v.GenericSchema<unknown, T>, undefined>> {
  const entries = names.map((name) => [name, v.optional(schemaOf(name))])
  return Object.fromEntries(entries) as Record<N, v.OptionalSchema<v.GenericSchema<unknown, T>, undefined>>
}
