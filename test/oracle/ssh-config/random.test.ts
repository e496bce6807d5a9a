// Whole configurations by chance, judged by ssh. `npm run oracle -- --files 20000 --seed 7` makes a long run of it.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type RandomConfig, randomConfig } from '../../support/random-config.js'
import { type SshOracle, startSshOracle } from '../../support/ssh-oracle.js'
import { agreement } from '../../support/ssh-oracle-agreement.js'

const files = Number(process.env['ORACLE_FILES'] ?? 200)
const seed = Number(process.env['ORACLE_SEED'] ?? Date.now() % 2 ** 31)

test(`ssh and we agree on ${files} random configurations`, { timeout: 60_000 + files * 500 }, async () => {
  const judges = files > 1000 ? 2 : 1
  await Promise.all(
    Array.from({ length: judges }, (_, index) => judge(Math.ceil(files / judges), seed + index)),
  )
})

async function judge(numRuns: number, ownSeed: number): Promise<void> {
  await using oracle = await startSshOracle()
  await fc.assert(
    fc.asyncProperty(randomConfig, async (config) => {
      const differences = await agreement(oracle, config)
      expect(differences.length, `\n${show(config)}\n${differences.join('\n\n')}\n`).toBe(0)
    }),
    { numRuns, seed: ownSeed },
  )
}

test('most random configurations are accepted, and some are not', async () => {
  await using oracle = await startSshOracle()
  const accepted = await countAccepted(oracle, fc.sample(randomConfig, { numRuns: 60, seed: 1 }))
  expect(accepted).toBeGreaterThan(30)
  expect(accepted).toBeLessThan(60)
})

async function countAccepted(oracle: SshOracle, configs: readonly RandomConfig[]): Promise<number> {
  let accepted = 0
  for (const { files: written, questions } of configs) {
    oracle.write(written)
    const verdicts = await oracle.ask(questions)
    if (verdicts.every((verdict) => verdict.accepted)) accepted += 1
  }
  return accepted
}

function show({ files: written }: RandomConfig): string {
  return Object.entries(written)
    .map(([name, text]) => `--- ${name}\n${JSON.stringify(text).replaceAll('\\n', '\n')}`)
    .join('\n')
}
