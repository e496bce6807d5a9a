// What the tests of the decision share: a directory for known_hosts, two keys, and how a key fares.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, vi } from 'vitest'
import type { Question } from '../../../src/config/callbacks.js'
import type { Settings } from '../../../src/config/settings.js'
import { HostKeyError, SallyportError } from '../../../src/errors.js'
import { type HostKeyContext, type HostKeyPlan, planHostKeys } from '../../../src/hostkeys/plan.js'
import type { OfferedHostKey } from '../../../src/wire/wire.js'
import { leakCheck } from '../../support/leak-check.js'
import { contextFor, ed25519Key } from './sample-keys.js'

export const key = ed25519Key()
export const other = ed25519Key()
export const policies = ['yes', 'ask', 'accept-new', 'no'] as const

export let directory: string
export let file: string

/** Gives each test of a file an empty directory, and checks that it leaves nothing open. Call it first. */
export function useScratchDirectory(): void {
  leakCheck()
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'plan-'))
    file = join(directory, 'known_hosts')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(directory, { recursive: true })
  })
}

export async function plan(
  settings: Partial<Settings> = {},
  rest: Partial<HostKeyContext> = {},
): Promise<HostKeyPlan> {
  return planHostKeys(contextFor({ userKnownHostsFile: [file], ...settings }, rest))
}

export async function verdict(
  offered: OfferedHostKey,
  settings: Partial<Settings> = {},
  rest: Partial<HostKeyContext> = {},
): Promise<string> {
  try {
    await (await plan(settings, rest)).verify(offered)
    return 'accepted'
  } catch (error) {
    return error instanceof SallyportError ? error.code : String(error)
  }
}

export async function refusal(
  offered: OfferedHostKey,
  settings: Partial<Settings> = {},
  rest: Partial<HostKeyContext> = {},
): Promise<HostKeyError> {
  const error = await (await plan(settings, rest)).verify(offered).catch((thrown: unknown) => thrown)
  if (error instanceof HostKeyError) return error
  throw new Error('expected a refusal', { cause: error })
}

export const answering = (...answers: readonly (string | undefined)[]) => {
  const asked: Question[] = []
  const ask = (question: Question): Promise<string | undefined> => {
    asked.push(question)
    return Promise.resolve(answers[asked.length - 1])
  }
  return { asked, ask }
}
