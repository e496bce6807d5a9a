import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DocumentedDatabases, startDocumentedDatabases } from './documented-databases.js'
import { type DocumentedNetwork, startDocumentedNetwork } from './documented-network.js'
import { type DocumentedServices, startDocumentedServices } from './documented-services.js'
import { type CodeBlock, codeBlocks } from './markdown.js'
import { makeUserProject, type UserProject } from './user-project.js'

/** What each block prints, by its title. A block without an entry fails. */
const printed: Readonly<Record<string, RegExp>> = {
  'README.md, Sallyport, 1': /^internalhost\n\n$/,
  'README.md, Connections, 1': /^open ops 22\n$/,
  'README.md, Gateways, 1': /^internalhost\n\n$/,
  'README.md, Gateways, 2': /^internalhost\n\n$/,
  'README.md, Gateways, 3': /^internalhost\n internalhost\n\n$/,
  'README.md, Configuration, 1': /^ops\n gatewayhost\n\n$/,
  'README.md, Routes, 1':
    /^1 {2}ops@gatewayhost:22 {8}directly\n2 {2}jump@innerhost:22 {9}through gatewayhost\n3 {2}deploy@internalhost:2200 {2}through innerhost\noption port\n$/,
  'README.md, Commands, 1': /^1\n\n3 \n$/,
  'README.md, Commands, 2': /^one\ntwo\n0\n$/,
  'README.md, Files, 1': /^port = 8080\n 1\n$/,
  'README.md, Groups, 1': /^innerhost innerhost\n\ninternalhost internalhost\n\n$/,
  'README.md, Sockets, 1': /^true 22\nECONNREFUSED gatewayhost: .*internalhost:8080: Connection refused\n$/,
  'README.md, Forwards, 1':
    /^\{ host: '127\.0\.0\.1', port: \d+ \} \{ host: '127\.0\.0\.1', port: \d+ \} 0\n$/,
  'README.md, Other ways through, 1':
    /^1 {2}\S+@gatewayhost:22 +through the proxy socks5:\/\/proxy\.example:1080\n2 {2}\S+@internalhost:22 +through the command nc %h %p on gatewayhost\n1 {2}\S+@internalhost:22 +through first of east, west\n$/,
  'README.md, Who is there, and who are we, 1': /^ops\n\n$/,
  'README.md, Errors, 1': /^CONNECTION_REFUSED internalhost channel /,
  'README.md, In tests, 1': /^up 3 days\n\n$/,
  'docs/diagnostics.md, Diagnostics channels, 1':
    /^gatewayhost dial \d+ ms ok\n(?:.* ms ok\n)*internalhost channel \d+ ms ok\n(?:.* ms ok\n)*internalhost authentication \d+ ms ok\n$/,
  'docs/guide/configuration.md, Files, 1': /^$/,
  'docs/guide/databases.md, PostgreSQL, 1': /^\[ \{ ssl: true \} \]\n$/,
  'docs/guide/databases.md, PostgreSQL, 2': /^\[ 1, 4, 9 \]\n$/,
  'docs/guide/databases.md, MariaDB and MySQL, 1': /^\[ \{ answer: 42 \} \]\n$/,
  'docs/guide/databases.md, Redis, 1': /^hello\n$/,
  'docs/guide/databases.md, Redis, 2': /^PONG\n$/,
  'docs/guide/databases.md, When something goes wrong, 1': /^ECONNREFUSED\nCONNECTION_REFUSED gatewayhost\n$/,
  'docs/guide/databases.md, Programs that know only ports, 1': /^127\.0\.0\.1 true\n$/,
  'docs/guide/files.md, Files, 1': /^port = 8081\n\ntrue 12\n$/,
  'docs/guide/files.md, SFTP itself, 1': /^VERSION file 3\nSFTP_NO_SUCH_FILE releases\/43\n$/,
  'docs/guide/forwards.md, Local, 1': /^SSH-2\.0\n$/,
  'docs/guide/forwards.md, What it tells, 1': /^1 gatewayhost: .*internalhost:8080: Connection refused\n1\n$/,
  'docs/guide/forwards.md, Unix sockets, 1': /^\{ path: 'internal\.sock' \} SSH-2\.0\n$/,
  'docs/guide/forwards.md, Remote, 1': /^hello from here\n\n$/,
  'docs/guide/forwards.md, Dynamic, 1': /^dynamic\n$/,
  'docs/guide/groups.md, Groups, 1':
    /^(?=(?:.*\n)*internalhost internalhost\n)(?=(?:.*\n)*innerhost innerhost\n)(?=(?:.*\n)*nowhere\.example failed\n)(?:.*\n){3}$/,
  'docs/guide/groups.md, How many at once, 1': /^\[ 'succeeded', 'succeeded' \]\n$/,
  'docs/guide/groups.md, Which hosts, 1': /^2 \[ 'innerhost string' \]\n$/,
  'docs/guide/proxies.md, Proxies, 1': /^internalhost\n\n$/,
  'docs/guide/proxies.md, Before a gateway, behind one, and in a row, 1':
    /^1 {2}ops@gatewayhost:22 +through the proxy http:\/\/proxy\.example:3128\n2 {2}ops@internalhost:22 +through gatewayhost internalhost\n\n1 {2}ops@gatewayhost:22 +directly\n2 {2}ops@internalhost:22 +through gatewayhost and the proxy socks5:\/\/proxy\.example:1080 internalhost\n\n$/,
  'docs/guide/proxies.md, A command on a gateway, 1':
    /^1 .*\n2 {2}ops@internalhost:22 +through the command nc %h %p on gatewayhost internalhost\n\n$/,
  'docs/guide/proxies.md, A command on a gateway, 2':
    /through gatewayhost; where that is prohibited, through the command nc %h %p on it\n$/,
  'docs/guide/proxies.md, Several gateways for one host, 1':
    /^internalhost\n\ninternalhost: none of 2 gateways led to internalhost:22: old-gatewayhost: .*; directly: .*\n$/,
  'docs/guide/ssh-config.md, ssh_config, 1':
    /^1 {2}\S+@gatewayhost:22 +directly\n2 {2}ops@internalhost:22 +through gatewayhost\nops\n\n$/,
  'docs/guide/ssh-config.md, Commands in the files, 1': /^2200 pasted:2\n$/,
  'docs/guide/ssh-config.md, Asking without a route, 1': /^(?:\w+ \[.*\] \S+\n)*$/,
  'docs/guide/sudo.md, Another user, 1': /^root\n\/root\n\n$/,
  'docs/guide/sudo.md, Programs that ask, 1': /^Name\? hello world\n\n$/,
  'docs/guide/sudo.md, Commands here, 1': /^localhost IT'S HERE\n$/,
  'docs/guide/testing.md, Testing with an embedded network, 1': /^up 3 days\n\n$/,
  'docs/guide/testing.md, Users, 1': /^false\n$/,
  'docs/guide/testing.md, Commands and services, 1': /^gatewayhost: 0\.1\nready\n$/,
  'docs/guide/testing.md, Files, 1': /^<p>new<\/p>\nSFTP_FAILURE\n2\n$/,
  'docs/guide/testing.md, Faults, 1': /^FORWARD_PROHIBITED\n$/,
  'docs/guide/web-and-mail.md, fetch and undici, 1': /^200 hello from web\.internal\n\n$/,
  'docs/guide/web-and-mail.md, Node’s own HTTP, 1': /^200 hello from web\.internal\n\n$/,
  'docs/guide/web-and-mail.md, Node’s own HTTP, 2': /^200 hello from localhost\n\n$/,
  'docs/guide/web-and-mail.md, WebSockets, 1': /^hello\n$/,
  'docs/guide/web-and-mail.md, Mail, 1': /^\[ 'watch@example\.com' \]\n$/,
  'docs/guide/web-and-mail.md, MongoDB, 1': /^\{ ok: 1 \}\n$/,
}

const blocks = codeBlocks('ts')
const fileOf = (block: CodeBlock): string => `block-${blocks.indexOf(block) + 1}.ts`

let network: DocumentedNetwork
let databases: DocumentedDatabases
let services: DocumentedServices
let project: UserProject
beforeAll(async () => {
  project = await makeUserProject(new Map(blocks.map((block) => [fileOf(block), block.text])))
  const sshConfig = 'Host internalhost\n  ProxyJump gatewayhost\n  User ops\n'
  writeFileSync(join(project.path, 'deploy.ssh_config'), sshConfig)
  network = await startDocumentedNetwork()
  databases = await startDocumentedDatabases(network)
  services = await startDocumentedServices(network)
  writeFileSync(join(project.path, 'ca.pem'), databases.ca + services.ca)
})
afterAll(async () => {
  await services?.[Symbol.asyncDispose]()
  await databases?.[Symbol.asyncDispose]()
  await network?.[Symbol.asyncDispose]()
})

describe('each block of TypeScript in the documentation compiles and does what it says', () => {
  test.each(blocks)('$title', async (block) => {
    const { stdout, stderr, exitCode } = await network.run(
      process.execPath,
      [project.compiled(fileOf(block))],
      {
        cwd: project.path,
        env: {
          GATEWAY_KEY: network.gatewayhost.hostKeyFingerprint,
          PASSWORD_OF_ops_AT_gatewayhost: 'made up',
          DB_PASSWORD: 'made up',
          SERVICE_SOCKET: services.socketPath,
          PROXY_PASSWORD: 'made up',
        },
      },
    )
    expect.soft(stderr).toBe('')
    expect.soft(exitCode).toBe(0)
    expect(stdout).toMatch(printed[block.title] ?? /^an entry in the table above$/)
  })

  test('and shows what it prints where it says so', () => {
    const { text = '' } = blocks.find(({ title }) => title === 'README.md, Routes, 1') ?? {}
    const shown = [...text.matchAll(/\/\/ (.*)$/gm)].map(([, line]) => `${line}\n`)
    expect(shown.join('')).toMatch(printed['README.md, Routes, 1'] ?? '')
  })

  test('and none is left over in the table', () => {
    expect(Object.keys(printed)).toEqual(blocks.map(({ title }) => title))
  })
})

describe('NODE_DEBUG=sallyport', () => {
  test('tells each phase of each hop and each channel on standard error, and no command', async () => {
    const env = { NODE_DEBUG: 'sallyport' }
    const { stdout, stderr } = await network.run(process.execPath, [project.compiled('block-1.ts')], {
      cwd: project.path,
      env,
    })
    expect(stdout).toBe('internalhost\n\n')
    expect(stderr).toMatch(/^SALLYPORT \d+: gatewayhost \(hop 1 of 2\) dial [\d.]+ms/m)
    expect(stderr).toMatch(/^SALLYPORT \d+: internalhost \(hop 2 of 2\) authentication [\d.]+ms/m)
    expect(stderr).toMatch(/^SALLYPORT \d+: internalhost \(hop 2 of 2\) command open$/m)
    expect(stderr.split('\n').filter((line) => !/^(?:SALLYPORT \d+: .*)?$/.test(line))).toEqual([])
    expect(stderr).not.toContain('hostname')
  })
})

describe('the ways in the documentation', () => {
  test.each(['innerhost', 'internalhost'])('lead to %s through gatewayhost only', async (host) => {
    const connections = network[host as 'innerhost' | 'internalhost'].connections()
    expect(connections.length).toBeGreaterThan(0)
    const { exitCode, stderr } = await network.run('ssh', ['-o', 'ConnectTimeout=5', host, 'true'])
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 255,
      stderr: expect.stringMatching(/resolve hostname/),
    })
  })
})
