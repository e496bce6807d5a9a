// Puts a table of configurations to ssh and to us, and fails with all rows on which we disagree.

import { afterAll, expect, test } from 'vitest'
import { type ConfigFiles, type Question, type SshOracle, startSshOracle } from '../../support/ssh-oracle.js'
import { agreement } from '../../support/ssh-oracle-agreement.js'

/** A configuration and the questions about it; a text alone is the user's file. Default: the host `a`. */
export type Row = string | ConfigFiles | Asked

interface Asked {
  readonly files: string | ConfigFiles
  readonly ask?: readonly Question[]
}

let started: Promise<SshOracle> | undefined
afterAll(async () => {
  await (await started)?.[Symbol.asyncDispose]()
  started = undefined
})

/** The judge of this test file. */
export function theOracle(): Promise<SshOracle> {
  started ??= startSshOracle()
  return started
}

type Rows = readonly (readonly [name: string, row: Row])[]

/** One test for the table. `rows` have names, for the report. */
export function judgeTable(promise: string, rows: Rows): void {
  test(`${promise} (${rows.length} configurations)`, { timeout: 120_000 }, () => judgeRows(rows))
}

/** Fails with all differences. */
export async function judgeRows(rows: Rows): Promise<void> {
  const oracle = await theOracle()
  const differences: string[] = []
  for (const [name, row] of rows) {
    const { files, ask = [{ host: 'a' }] } = isAsked(row) ? row : { files: row }
    const config = typeof files === 'string' ? { '~/.ssh/config': files } : files
    for (const difference of await agreement(oracle, { files: config, questions: ask })) {
      differences.push(`${name}: ${difference}`)
    }
  }
  expect(differences.length, `\n${differences.join('\n\n')}\n`).toBe(0)
}

function isAsked(row: Row): row is Asked {
  return typeof row === 'object' && 'files' in row
}
