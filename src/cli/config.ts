// `sallyport config`: what ssh_config says about a host, in the format of `ssh -G`, so that the two can be compared.

import {
  localAccount,
  openSshConfig,
  parseDestination,
  printSshConfig,
  type SshConfigQuery,
} from '../index.js'
import { hasFlag, type Invocation } from './command-line.js'
import { type HostRequest, identityDirective, readRequest, sourcesOf } from './options.js'
import { reportingErrors } from './reporting-errors.js'
import { warnAll } from './warn.js'

export function config(invocation: Invocation): Promise<number> {
  return reportingErrors(async (signal) => {
    const query = queryOf(readRequest(invocation))
    const { sshConfig = 'default' } = sourcesOf(invocation)
    const files = typeof sshConfig === 'string' && sshConfig !== 'default' ? [sshConfig] : sshConfig
    const answer = await openSshConfig({ files }).lookUp(query, { signal })
    warnAll(answer.warnings)
    const origins = hasFlag(invocation, '--origins')
    process.stdout.write(printSshConfig(answer, { local: localAccount(), env: process.env, origins }))
    return 0
  })
}

/** The flags as ssh_config sees them: all but the user, the port and the gateways are directives that beat the files. */
function queryOf({ destination, options }: HostRequest): SshConfigQuery {
  const { host, user = options.user, port = options.port } = parseDestination(destination, 'host')
  const { identityFile = [], forwardAgent, addressFamily, proxyJump, sshOptions = [], originOf } = options
  const letters = [
    ...identityFile.map((file) => ({ text: identityDirective(file), name: 'identityFile' })),
    ...(forwardAgent === undefined ? [] : [{ text: 'ForwardAgent=yes', name: 'forwardAgent' }]),
    ...(addressFamily === undefined
      ? []
      : [{ text: `AddressFamily=${addressFamily}`, name: 'addressFamily' }]),
  ]
  const directives = [
    ...letters.map(({ text, name }) => ({ text, origin: originOf(name) })),
    ...sshOptions.map((text) => ({ text, origin: `-o ${text.trim().split(/[\s=]/, 1)[0]}` })),
  ]
  return { host, user, port, proxyJump, directives }
}
