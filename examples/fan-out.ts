// One command on many hosts behind one gateway, which is opened once for all of them. At most ten at a time; the
// results come in the order of the hosts, and a host that fails is no reason to stop.
//
//   npx tsc -p examples && node examples/dist/fan-out.js ops@gatewayhost 'uptime -p' web1 web2 web3

import { Connection, SallyportError } from 'sallyport'

const [gatewayHost, command, ...hosts] = process.argv.slice(2)
if (gatewayHost === undefined || command === undefined || hosts.length === 0) {
  console.error('usage: fan-out.js gateway command host …')
  process.exit(2)
}

await using gateway = new Connection(gatewayHost)
await gateway.open() // when the gateway itself fails, it fails here, once

async function ask(host: string, question: string): Promise<string> {
  await using connection = new Connection(host, { gateway })
  const { stdout } = await connection.run(question, { timeoutMs: 30_000 })
  return stdout.trimEnd()
}

const answers: PromiseSettledResult<string>[] = []
const queue = hosts.entries()
const worker = async (question: string): Promise<void> => {
  for (const [index, host] of queue) {
    const [answer] = await Promise.allSettled([ask(host, question)])
    answers[index] = answer
  }
}
await Promise.all(Array.from({ length: 10 }, () => worker(command)))

for (const [index, answer] of answers.entries()) {
  if (answer.status === 'fulfilled') {
    console.log(`${hosts[index]}: ${answer.value}`)
  } else {
    const { reason } = answer
    if (!(reason instanceof SallyportError)) throw reason
    console.error(`${hosts[index]}: ${reason.code}: ${reason.message}`)
    process.exitCode = 1
  }
}
