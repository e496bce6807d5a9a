// Every keyword of the table, with words that ssh accepts and words that it refuses.

import { expect, test } from 'vitest'
import { keywordNames, keywords } from '../../../src/config/ssh-config/keywords.js'
import { keywordValues } from '../../support/random-config-values.js'
import { judgeRows, judgeTable, theOracle } from './judge-table.js'

judgeTable(
  'of the words after a keyword those are refused that ssh refuses',
  [...keywordValues].map(([keyword, { usual, odd }]) => [
    keyword,
    `Host nothing\n${[...usual, ...odd].map((value) => `${keyword} ${value}\n`).join('')}`,
  ]),
)

judgeTable(
  'an accepted value means what it means in ssh',
  [...keywordValues].map(([keyword, { usual }]) => [
    keyword,
    {
      files: usual.map((value, index) => `Host h${index}\n${keyword} ${value}\n`).join(''),
      ask: usual.map((_, index) => ({ host: `h${index}` })),
    },
  ]),
)

// Most odd values are refused, which the first table has judged: what is left would be hidden by them.
test('an odd value that is accepted where it stands means what it means in ssh', async () => {
  const oracle = await theOracle()
  const rows: (readonly [string, string])[] = []
  for (const [keyword, { odd }] of keywordValues) {
    oracle.write({ '~/.ssh/config': odd.map((value) => `${keyword} ${value}\n`).join('') })
    const refused = (await oracle.ask([{ host: 'a' }]))[0]?.places ?? []
    const rest = odd.filter((_, index) => !refused.includes(`~/.ssh/config:${index + 1}`))
    rows.push(...rest.map((value) => [`${keyword} ${value}`, `${keyword} ${value}\nPort 2200`] as const))
  }
  expect(rows.length).toBeGreaterThan(keywordValues.size)
  await judgeRows(rows)
})

test('every keyword of our table is judged here, or is one that the judge does not know', async () => {
  const oracle = await theOracle()
  const judged = new Set([...keywordValues.keys()].map((name) => name.toLowerCase()))
  const spellings = keywordNames.flatMap((name) => [name.toLowerCase(), ...(keywords[name].aliases ?? [])])
  const rest = spellings.filter((name) => !judged.has(name) && !['host', 'match', 'include'].includes(name))
  oracle.write({ '~/.ssh/config': rest.map((name) => `${name} yes\n`).join('') })
  const [verdict] = await oracle.ask([{ host: 'a' }])
  const unknown = verdict?.messages.match(/(?<=Bad configuration option: ).+/g) ?? []
  expect(unknown).toEqual(rest)
})
