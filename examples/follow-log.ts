// Follows a log on a host behind a gateway, line by line as it grows, and stops the command there as soon as a line has
// the text that was waited for, or at Ctrl-C.
//
//   npx tsc -p examples && node examples/dist/follow-log.js ops@gatewayhost app.internal app.log 'ready'

import { AbortError, Connection, sh } from 'sallyport'

const [gatewayHost, hostName, file, awaited] = process.argv.slice(2)
if (gatewayHost === undefined || hostName === undefined || file === undefined || awaited === undefined) {
  console.error('usage: follow-log.js gateway host file text')
  process.exit(2)
}

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

await using gateway = new Connection(gatewayHost)
await using host = new Connection(hostName, { gateway })
try {
  // Leaving this block ends the command; its output is never more than a few lines ahead of the loop.
  await using log = await host.spawn(sh`tail -n +1 -F ${file}`, { signal: interrupted.signal })
  for await (const line of log) {
    console.log(line)
    if (line.includes(awaited)) break
  }
} catch (error) {
  if (!(error instanceof AbortError)) throw error
  process.exitCode = 130
}
