// The embedded network as a process of its own: a gateway that listens, and as many hosts behind it as the argument
// says. Prints what a client needs as one line of JSON, and lives until it is killed.

import { createNetwork } from 'sallyport/testing'

const names = Array.from({ length: Number(process.argv[2]) }, (_, index) => `host${index}`)
const hosts = Object.fromEntries(names.map((name) => [name, { commands: { true: 0 } }]))
const network = await createNetwork({ hosts: { gatewayhost: { listen: true, reaches: ['*'] }, ...hosts } })
process.once('SIGTERM', () => network.close().then(() => process.exit()))
console.log(JSON.stringify(network.files))
