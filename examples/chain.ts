// A chain of two gateways, each with a user of its own: prints the route and who we are at its end.
//
//   npx tsc -p examples && node examples/dist/chain.js ops@gatewayhost jump@innerhost internalhost

import { Connection, explainRoute } from 'sallyport'

const [outerHost, innerHost, targetHost] = process.argv.slice(2)
if (outerHost === undefined || innerHost === undefined || targetHost === undefined) {
  console.error('usage: chain.js gateway inner-gateway host, each as [user@]name[:port]')
  process.exit(2)
}

// Nothing is opened here, and all three are closed at the end, the last one first.
await using outer = new Connection(outerHost)
await using inner = new Connection(innerHost, { gateway: outer })
await using target = new Connection(targetHost, { gateway: inner })

console.log(explainRoute(await target.resolve()))
const { stdout } = await target.run('echo "$(whoami) on $(hostname)"')
console.log(stdout.trimEnd())
