// How the tests run: what needs no server in parallel, and so do some that start real servers; the others, and what starts
// a browser, one file after the other.

import { defineConfig } from 'vitest/config'

/**
 * Files whose tests wait for other programs more than they work, measure no time, and look for no free port of an address
 * that others use: two of them do not disturb each other.
 */
const sideBySide = [
  'test/integration/{adapter-*,config-*,files-[gp]*,hostile-files-[!s]*,live-[!f]*,ways-*}.test.ts',
  'test/integration/{auth-[fhk]*,host-keys-[or]*,secrets-*,settings-*}.test.ts',
  'test/cli/{config,get,group-run,help,map,output,package,put,route}.test.ts',
  'test/{browser/*,docs/{blocks,examples}}.test.ts',
]

const execArgv = ['--unhandled-rejections=strict', '--expose-gc']

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    retry: 0,
    allowOnly: false,
    dangerouslyIgnoreUnhandledErrors: false,
    execArgv,
    globalSetup: ['test/support/global-setup.ts'],
    // What is configured on the machine is none of the tests' business; those about configuration name their own.
    env: { SALLYPORT_SSH_CONFIG: 'none', SALLYPORT_CONFIG: 'none' },
    setupFiles: ['test/support/setup.ts'],
    reporters: ['default', './test/support/totals-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{integration,cli,docs,browser,without-addon}/**'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'side by side',
          include: sideBySide,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: ['test/{integration,cli,docs,browser}/**/*.test.ts'],
          exclude: sideBySide,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          // ssh2's native addon is not built everywhere.
          name: 'without addon',
          include: ['test/without-addon/**/*.test.ts', 'test/integration/{chain,exec}.test.ts'],
          execArgv: [...execArgv, '--require', './test/support/without-addon.cjs'],
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
