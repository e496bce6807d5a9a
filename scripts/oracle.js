// A long run of the random configurations that the real ssh judges: `npm run oracle -- --files 20000 --seed 7`.

import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { files: { type: 'string', default: '20000' }, seed: { type: 'string' } },
})
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { status } = spawnSync(
  join(root, 'node_modules', '.bin', 'vitest'),
  ['run', 'test/oracle/ssh-config/random.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      ORACLE_FILES: values.files,
      ...(values.seed === undefined ? {} : { ORACLE_SEED: values.seed }),
    },
  },
)
process.exitCode = status === 0 ? 0 : 1
