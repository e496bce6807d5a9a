// A ProxyCommand as the way to a host: any program whose standard input and output lead there. As a list of words it
// needs no shell, so that nothing in a host's name can be taken for shell text.
//
//   npx tsc -p examples && node examples/dist/proxy-command.js internalhost ssh -W %h:%p gatewayhost

import { Connection, ProxyCommandError } from 'sallyport'

const [hostName, ...command] = process.argv.slice(2)
if (hostName === undefined || command.length === 0) {
  console.error('usage: proxy-command.js host program argument …, with %h and %p for the host and its port')
  process.exit(2)
}

try {
  await using host = new Connection(hostName, { gateway: { command } })
  const { stdout } = await host.run('hostname')
  console.log(stdout.trimEnd())
} catch (error) {
  if (!(error instanceof ProxyCommandError)) throw error
  // What the program itself had to say: often better than any message of ours.
  console.error(error.message)
  console.error(error.stderrTail)
  process.exitCode = 1
}
