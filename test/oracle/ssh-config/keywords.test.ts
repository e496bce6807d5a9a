// Every keyword of the table, with words that ssh accepts and words that it refuses.

import { keywordValues } from '../../support/random-config-values.js'
import { judgeTable } from './judge-table.js'

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

judgeTable(
  'a value at an edge is refused or means what it means in ssh',
  [...keywordValues].flatMap(([keyword, { odd }]) =>
    odd.map((value) => [`${keyword} ${value.slice(0, 40)}`, `${keyword} ${value}\nPort 2200`] as const),
  ),
)
