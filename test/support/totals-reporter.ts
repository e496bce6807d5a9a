// The last line of a test run: `N passed, N failed`, alone. A file that does not load and an error that nobody caught
// count as failed.

import type { Reporter, TestModule } from 'vitest/node'

export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0
    let failed = unhandledErrors.length
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      passed += tests.filter((test) => test.result().state === 'passed').length
      const failing = tests.filter((test) => test.result().state !== 'passed').length
      failed += failing === 0 && !module.ok() ? 1 : failing
    }
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
  }
}
