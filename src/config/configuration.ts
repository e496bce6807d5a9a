// The configured sources that a call may use, opened and asked as one: ssh_config, the environment, files of our own.
// What the options mean is decided here; how the sources are read is not.

import { homeDirectory } from './home-path.js'
import type { Configuration, ConfiguredGateway, HostQuery } from './host-answer.js'
import { invalid } from './kinds.js'
import type { Layer } from './merge.js'
import type { SallyportConfig } from './own/define-config.js'
import { loadOwnConfigs } from './own/load.js'
import { type RecordedConfig, recordConfig } from './own/recorded-config.js'
import { workingDirectory } from './own/working-directory.js'
import type { OptionOrigin } from './runtime.js'
import type { SettingName, Settings } from './settings.js'
import type { ExecPolicy, SshConfig } from './ssh-config/answer.js'
import { decide } from './ssh-config/evaluate/exec-policy.js'
import { openSshConfig } from './ssh-config/open.js'
import { layerOf } from './ssh-config/settings/layer.js'
import { localAccount } from './ssh-config/tokens/local-account.js'

/** Which configured sources a host is looked up in. */
export interface ConfigurationOptions {
  /**
   * `'default'`: `~/.ssh/config`, then `/etc/ssh/ssh_config`, as ssh reads them. A file, or files, are read in their
   * place (`ssh -F`), an empty list reads nothing, and so does `false`. What {@link parseSshConfig} gave is used as it is.
   */
  readonly sshConfig?: false | 'default' | string | readonly string[] | SshConfig | undefined
  /** Directives in ssh's words that beat the files, as `ssh -o`: `['Port=2200', 'User ops']`. For this host, not its gateways. */
  readonly sshOptions?: readonly string[] | undefined
  /** The command that is going to run, for `Match command` and `Match sessiontype`. Default: none, which is a shell. */
  readonly matchCommand?: string | undefined
  /**
   * Our own configuration: a file in place of the project's, an object that counts as the project's, or `false` for
   * none at all, the environment included. Default: the environment, and the project's, user's and system's files.
   */
  readonly config?: false | string | SallyportConfig | undefined
  /** Trusts the project's own file to name commands and to decide what is secure. Default false. */
  readonly allowExec?: boolean | undefined
  /** Whether commands in ssh_config may run. Default: those of the files that ssh reads itself may. */
  readonly exec?: ExecPolicy | undefined
}

/** The names of {@link ConfigurationOptions}. */
export const configurationOptionNames = {
  sshConfig: true,
  sshOptions: true,
  matchCommand: true,
  config: true,
  allowExec: true,
  exec: true,
} as const satisfies Record<keyof ConfigurationOptions, true>

/** All configured sources, opened. */
export interface OpenConfiguration extends Configuration {
  /** Whether commands of ssh_config may run. */
  readonly exec: ExecPolicy
  /** The names of single hosts that the sources mention, each once. Rejects with ConfigError. */
  hostNames(signal?: AbortSignal): Promise<readonly string[]>
}

/** Checks what a caller gave; nothing is read. Throws ConfigError INVALID_OPTION. */
export function checkConfigurationOptions(options: ConfigurationOptions, originOf: OptionOrigin): void {
  const { sshConfig, sshOptions, matchCommand, config, allowExec, exec } = options
  const check = (name: keyof ConfigurationOptions, holds: boolean, what: string) => {
    if (options[name] !== undefined && !holds) throw invalid(originOf(name), `must be ${what}`)
  }
  const isObject = (value: unknown) => typeof value === 'object' && value !== null
  const isText = (value: unknown) => typeof value === 'string' && value !== '' && !value.includes('\0')
  const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText)
  const isFiles = sshConfig === false || isText(sshConfig) || isTexts(sshConfig)
  check(
    'sshConfig',
    isFiles || (isObject(sshConfig) && typeof Reflect.get(Object(sshConfig), 'lookUp') === 'function'),
    'false, default, a file, files, or an SshConfig',
  )
  check('sshOptions', isTexts(sshOptions), 'a list of directives')
  check('matchCommand', typeof matchCommand === 'string', 'text')
  check('config', config === false || isText(config) || isObject(config), 'false, a file, or an object')
  check('allowExec', typeof allowExec === 'boolean', 'true or false')
  const isPolicy = exec === 'allow' || exec === 'deny' || exec === 'skip' || typeof exec === 'function'
  check('exec', isPolicy, 'allow, deny, skip, or a function')
}

/** The options, as they were when the caller gave them. */
export type RecordedConfiguration = Omit<ConfigurationOptions, 'config'> & {
  readonly config?: false | string | RecordedConfig | undefined
}

/** Takes the options as they are now: what the caller changes later is not seen. */
export function recordConfiguration(options: ConfigurationOptions): RecordedConfiguration {
  const { sshConfig, sshOptions, matchCommand, config, allowExec, exec } = options
  return Object.freeze({
    sshConfig: copied(sshConfig),
    sshOptions: copied(sshOptions),
    matchCommand,
    config: typeof config === 'object' ? recordConfig(config) : config,
    allowExec,
    exec,
  })
}

function copied<T>(value: T): T {
  return Array.isArray(value) ? (Object.freeze([...value]) as T) : value
}

/** The configured sources of one call. Rejects with ConfigError. */
export async function openConfiguration(options: RecordedConfiguration): Promise<OpenConfiguration> {
  const { sshConfig, config, allowExec, exec } = options
  const own = await loadOwnConfigs({ config, allowExec })
  const choice = sshConfig ?? own.find((each) => each.sshConfig !== undefined)?.sshConfig?.files ?? 'default'
  const ssh = isSshConfig(choice) ? choice : openedFiles(choice)
  // An object of a caller in JavaScript may have no policy.
  const policy = exec ?? (ssh.exec as ExecPolicy | undefined) ?? 'deny'
  return {
    exec: policy,
    async hostNames(signal) {
      const names = await ssh.hostNames({ exec: 'skip', signal })
      return [...new Set([...names, ...own.flatMap((each) => each.hostNames)])]
    },
    async lookUp(query) {
      const answers = own.map((each) => each.forHost(query.host))
      const ownLayers = answers.map(({ layer }) => layer)
      const ownGateways = answers.flatMap(({ gateway }) => gateway ?? [])
      const [ownGateway] = ownGateways
      const proxiedOtherwise = ownGateway !== undefined && ownGateway.kind !== 'direct'
      const answer = await ssh.lookUp({ ...query, proxiedOtherwise }, { exec: policy, signal: query.signal })
      const { layer, gateway, unused, warnings } = layerOf(answer, {
        given: query,
        otherwise: {
          user: firstOf(ownLayers, 'user'),
          port: firstOf(ownLayers, 'port'),
          hostName: firstOf(ownLayers, 'hostName'),
          hostKeyAlias: firstOf(ownLayers, 'hostKeyAlias'),
        },
        local: localAccount(process.env),
        env: process.env,
        proxied: query.proxied,
        sessionType: query.sessionType,
      })
      const said = gateway === undefined ? [] : [withPermit(gateway, { policy, query })]
      return { layers: [layer, ...ownLayers], gateways: [...said, ...ownGateways], warnings, unused }
    },
  }
}

function isSshConfig(choice: NonNullable<ConfigurationOptions['sshConfig']>): choice is SshConfig {
  return typeof choice === 'object' && 'lookUp' in choice
}

/** The parsed files stay in memory for the next call, which reads again what has changed. */
const opened = new Map<string, SshConfig>()
const mostOpened = 16

function openedFiles(choice: false | string | readonly string[]): SshConfig {
  const files = choice === false ? [] : typeof choice === 'string' && choice !== 'default' ? [choice] : choice
  const key = JSON.stringify([
    files,
    homeDirectory(process.env),
    files.length === 0 ? '' : workingDirectory(),
  ])
  const known = opened.get(key)
  if (known !== undefined) return known
  const config = openSshConfig({ files: files as 'default' | readonly string[] })
  const [oldest] = opened.keys()
  if (opened.size >= mostOpened && oldest !== undefined) opened.delete(oldest)
  opened.set(key, config)
  return config
}

function firstOf<K extends SettingName>(layers: readonly Layer[], name: K): Settings[K] | undefined {
  return layers.find(({ values }) => values[name] !== undefined)?.values[name]
}

// What only shows a route runs nothing; whoever wrote the directives of the call may run what they like.
function withPermit(
  gateway: ConfiguredGateway,
  { policy, query }: { readonly policy: ExecPolicy; readonly query: HostQuery },
): ConfiguredGateway {
  const { kind, origin } = gateway
  const isOfCaller = query.directives?.some((directive) => directive.origin === origin) === true
  if (kind !== 'command' || policy === 'skip' || isOfCaller) return gateway
  return {
    ...gateway,
    async permit(command) {
      const request = () => ({ command, origin })
      await decide(policy, { origin, what: 'ProxyCommand', request, signal: query.signal })
    },
  }
}
