// Loaded by Vitest before each test file. No test may pollute Object.prototype, show a canary, or hide the logs of
// its servers when it fails. Unhandled rejections and uncaught exceptions fail the run: Vitest sees to that
// (`dangerouslyIgnoreUnhandledErrors: false`, `--unhandled-rejections=strict`).
//
// Object.prototype is closed to new properties and not frozen: freezing would also forbid every object to have a
// `toString` or `constructor` of its own by assignment, which libraries do.

import { channel } from 'node:diagnostics_channel'
import { afterEach } from 'vitest'
import { takeSightings, watchForCanary } from './canary.js'
import { forgetEndedLogs, rigLogReport } from './rig-log.js'

Object.preventExtensions(Object.prototype)

for (const name of ['phase', 'hop', 'channel', 'warning']) {
  channel(`sallyport:${name}`).subscribe((event) => watchForCanary(`sallyport:${name}`, event))
}
for (const method of ['debug', 'info', 'log', 'warn', 'error'] as const) {
  const write = console[method]
  console[method] = (...args: readonly unknown[]) => {
    for (const value of args) watchForCanary(`console.${method}`, value)
    write.apply(console, [...args])
  }
}
for (const stream of [process.stdout, process.stderr]) {
  stream.write = new Proxy(stream.write, {
    apply(write, self, args) {
      watchForCanary(stream === process.stdout ? 'stdout' : 'stderr', String(args[0]))
      return Reflect.apply(write, self, args)
    },
  })
}

afterEach(({ task }) => {
  const report = task.result?.state === 'fail' ? rigLogReport() : ''
  if (report !== '') console.error(report)
  forgetEndedLogs()
  const sightings = takeSightings()
  if (sightings.length > 0) throw new Error(`a secret was shown:\n${sightings.join('\n')}`)
})
