// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of ssh_config look like that
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Settings, settingNames, settingsTable } from '../../../../src/config/settings.js'
import { openSshConfig } from '../../../../src/config/ssh-config/open.js'
import { layerOf } from '../../../../src/config/ssh-config/settings/layer.js'
import { localAccount } from '../../../../src/config/ssh-config/tokens/local-account.js'
import { findHops } from '../../../../src/config/ssh-config/values/proxy-jump.js'
import { scratchDir } from '../../../support/run-dir.js'

const env = { HOME: localAccount().home, KEYS: '/keys' }
const local = localAccount(env)

const lines = [
  'User ops',
  'User root',
  'Port 2200',
  'HostName %h.internal',
  'HostName 192.0.2.7',
  'AddressFamily inet6',
  'BindAddress 192.0.2.1',
  'ConnectTimeout 1m30',
  'ConnectTimeout none',
  'ConnectionAttempts 4',
  'ServerAliveInterval 1h',
  'ServerAliveCountMax 9',
  'TCPKeepAlive no',
  'BatchMode true',
  'Compression yes',
  'StrictHostKeyChecking off',
  'StrictHostKeyChecking YES',
  'StrictHostKeyChecking accept-new',
  'HostKeyAlias Alias',
  'HashKnownHosts yes',
  'UserKnownHostsFile ~/%n "/a b" ${KEYS}/%k',
  'UserKnownHostsFile none',
  'GlobalKnownHostsFile /a /b',
  'IdentitiesOnly yes',
  'IdentityAgent ${KEYS}/%r@%h:%p',
  'IdentityAgent none',
  'ForwardAgent yes',
  'ForwardAgent ~/%u',
  'NumberOfPasswordPrompts 0',
  'PasswordAuthentication no',
  'KbdInteractiveAuthentication no',
  'PubkeyAuthentication unbound',
  'PubkeyAcceptedAlgorithms ^rsa-sha2-256',
  'HostKeyAlgorithms -ssh-rsa*,ecdsa*',
  'Ciphers +aes128-cbc',
  'MACs -*-etm@openssh.com',
  'KexAlgorithms ^ecdh-sha2-nistp256',
  'SendEnv LANG LC_*',
  'SendEnv -LANG',
  'SetEnv A=1 B="2 3"',
  'SetEnv C=4',
  'RemoteCommand echo %C %h %n %p %r %%',
  'RequestTTY force',
  'RequestTTY yes',
  'RequiredRSASize 2048',
  'RevokedHostKeys /revoked',
  'ProxyCommand nc %h %p',
  'ProxyCommand none',
  'ProxyJump a@b:2200,c',
  'ProxyJump none',
  'Host *.example.com',
  'Host db',
  'Match user ops',
  'Match all',
]

/** Settings in the words of ssh -G, where they are not simply the value. */
const words: Partial<Record<keyof Settings, (value: never) => readonly string[]>> = {
  // There is no line `ConnectTimeout 0` here: it has the same effect.
  connectTimeoutMs: (value: number) => [value === 0 ? 'none' : String(value / 1000)],
  serverAliveIntervalMs: (value: number) => [String(value / 1000)],
  strictHostKeyChecking: (value: string) => [trueFalse.get(value) ?? value],
  pubkeyAuthentication: (value: string) => [trueFalse.get(value) ?? value],
  requestTty: (value: string) => [trueFalse.get(value) ?? value],
  hostKeyAlias: (value: string) => [value.toLowerCase()],
  userKnownHostsFile: (files: readonly string[]) => [files.join(' ') || 'none'],
  globalKnownHostsFile: (files: readonly string[]) => [files.join(' ') || 'none'],
  sendEnv: (names: readonly string[]) => names,
  setEnv: (pairs: object) => Object.entries(pairs).map(([name, value]) => `${name}=${value}`),
}
const trueFalse = new Map([
  ['yes', 'true'],
  ['no', 'false'],
])

function wordsOf(name: keyof Settings, value: unknown): readonly string[] {
  const special = words[name]
  if (special !== undefined) return special(value as never)
  if (typeof value === 'boolean') return [value ? 'yes' : 'no']
  return [Array.isArray(value) ? value.join(',') : String(value)]
}

test('every setting has the value that ssh -G prints, and so has the gateway', async () => {
  const directory = scratchDir('layer-oracle')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'config')
  const config = openSshConfig({ files: [file], env, account: local })
  const configs = fc.array(fc.constantFrom(...lines), { minLength: 5, maxLength: 40 })
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(configs, fc.constantFrom('db', 'Web.example.com'), async (chosen, host) => {
      writeFileSync(file, `${chosen.join('\n')}\n`)
      const printed = execFileSync('ssh', ['-G', '-F', file, host], {
        encoding: 'utf8',
        env,
        stdio: 'pipe',
      }).split('\n')
      const findPrinted = (keyword: string) =>
        printed.flatMap((line) => (line.startsWith(`${keyword} `) ? [line.slice(keyword.length + 1)] : []))
      const { layer, gateway } = layerOf(await config.lookUp({ host }), { given: {}, local, env })
      for (const name of settingNames) {
        const { keyword = '' } = settingsTable[name]
        if (layer.values[name] === undefined || notPrinted.has(name)) continue
        // It prints the socket of another line even when nothing is forwarded.
        if (name === 'forwardAgent' && layer.values[name] === false) continue
        seen.add(name)
        expect(wordsOf(name, layer.values[name]), name).toEqual(findPrinted(keyword.toLowerCase()))
      }
      const [jump] = findPrinted('proxyjump')
      const [command] = findPrinted('proxycommand')
      const said =
        gateway?.kind === 'command' ? gateway.command : gateway && 'hops' in gateway && gateway.hops
      const hops = jump === undefined || jump === 'none' ? undefined : findHops(jump)
      expect(said || undefined).toEqual(hops ?? (command === 'none' ? undefined : command))
    }),
    { numRuns: 60 },
  )
  expect(seen.size).toBeGreaterThan(20)
})

/** ssh -G has them in a way of its own, or not at all. */
const notPrinted: ReadonlySet<string> = new Set(['identityFile', 'remoteCommand'])
