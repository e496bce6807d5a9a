// The public surface: named exports only, grouped by who needs them.

// For everyone
export { Connection, type ConnectionOptions, connect } from './connection.js'
export type { LiveOutput } from './exec/capture.js'
export { type Command, type ShellText, type ShellValue, sh } from './exec/command.js'
export type { CommandInput } from './exec/input.js'
export { type LocalOptions, local } from './exec/local.js'
export type { Responder } from './exec/responders.js'
export type { CommandResult, RunBufferOptions, RunOptions } from './exec/run.js'
export type { ShellOptions } from './exec/shell.js'
export type { ProcessEnd, RunningCommand, SpawnOptions } from './exec/spawn.js'
export type { SudoBufferOptions, SudoOptions, SudoQuestion } from './exec/sudo.js'
export type { Surroundings } from './exec/surroundings.js'
export type { PtyOption } from './exec/terminal-request.js'
export type { SocketOptions } from './socket/socket-options.js'

// For those who move files
export type {
  BytesResult,
  GetBytes,
  GetTarget,
  PutSource,
  SkippedFile,
  TransferOptions,
  TransferProgress,
  TransferResult,
} from './files/transfer.js'
export type {
  DirectoryEntry,
  FileStats,
  FileType,
  MakeDirectoryOptions,
  OpenFlags,
  OpenFileOptions,
  ReadFileOptions,
  ReadStreamOptions,
  RemotePath,
  SetStatsOptions,
  Sftp,
  SftpFile,
  StatChanges,
  WriteStreamOptions,
} from './sftp/sftp.js'

// For those who have many hosts
export {
  Group,
  type GroupHosts,
  type GroupOptions,
  type HostList,
  type MapContext,
  type Pace,
  type PacedOptions,
  type Waves,
} from './group/group.js'
export type { GroupWork } from './group/group-work.js'
export { type HostsSource, type ReadHostsOptions, readHosts } from './group/read-hosts.js'
export {
  type Failed,
  GroupError,
  type Member,
  type Outcome,
  type Skipped,
  type Succeeded,
} from './group/outcome.js'

// For those who need sockets, listeners and proxies
export type { DynamicForwardRequest } from './forward/forward-dynamic.js'
export type { LocalForwardRequest } from './forward/forward-local.js'
export type { RemoteForwardRequest } from './forward/forward-remote.js'
export type {
  EndedConnection,
  Forward,
  ForwardCounts,
  ForwardEvents,
  ForwardedConnection,
  ForwardKind,
  RefusedConnection,
} from './forward/forward.js'
export type { Permit } from './forward/proxy/permit.js'
export type { ProxyAuth } from './forward/proxy/proxy-auth.js'
export { type FirstOfOptions, firstOf, type TriedGateway } from './ways/first-of.js'
export { type HttpConnectOptions, httpConnect } from './ways/http-connect.js'
export type { ProxyDialer, ProxyGateway } from './ways/proxy.js'
export type { ProxyLogin } from './ways/proxy-options.js'
export { type Socks5Options, socks5 } from './ways/socks5.js'

// For those who catch errors
export { type ErrorCode, errorCodes } from './error-codes.js'
export {
  AbortError,
  type AuthAttemptRef,
  AuthError,
  CommandError,
  type CommandOutcome,
  ConfigError,
  type ConfigProblem,
  ConnectError,
  GatewayConflictError,
  type HopRef,
  HostKeyError,
  type KeyRef,
  type KnownKeyRef,
  type Phase,
  ProxyCommandError,
  SallyportError,
  SftpError,
} from './errors.js'
export { SocketError } from './socket/socket-error.js'

// For those who decide about keys and secrets
export type {
  Ask,
  HostKeyOffer,
  KeyboardInteractive,
  KeyboardInteractiveRound,
  Passphrase,
  Question,
  Secret,
  VerifyHostKey,
} from './config/callbacks.js'

// For those who make gateways of their own
export type { Address, CallOptions, Dialer, ListenAddress } from './dialer.js'
export type {
  GatewayCommand,
  GatewayConnection,
  GatewayOption,
  GatewayOptions,
  GatewayProxy,
  ProxyRoute,
} from './route/gateway.js'
export type { RemoteCommandWhen } from './route/proxy-command.js'
export type { ProxyCredentials, ProxyPassword, ProxySpec, ProxyTls } from './route/proxy-spec.js'

// For those who look at routes
export type { Origin, OriginPart, Origins, SettingOrigin, Source } from './config/merge.js'
export type { OptionOrigin, SettingOptions } from './config/runtime.js'
export type { Settings } from './config/settings.js'
export type { HopEnd, HopState } from './hops/hop-node.js'
export { configuredHosts, groupHosts, resolve } from './resolve.js'
export { type Destination, formatDestination, parseDestination } from './route/destination.js'
export { explainRoute } from './route/explain.js'
export { explainHops, type HopExplanation } from './route/explain-hops.js'
export type { ProgramOptions, RouteOptions } from './route/request.js'
export type { Hop, HopLink, Route } from './route/route.js'
export {
  type HopDocument,
  type LinkDocument,
  linkDocument,
  type RouteDocument,
  routeDocument,
} from './route/route-document.js'
export { type SshCommand, sshCommand } from './route/ssh-command.js'

// For those who configure, and who ask configurations
export type { ConfigurationOptions } from './config/configuration.js'
export type { Env, Homes } from './config/home-path.js'
export type { Unused } from './config/host-answer.js'
export {
  defineConfig,
  type GatewayConfig,
  type HostConfig,
  type SallyportConfig,
} from './config/own/define-config.js'
export type {
  ExecPolicy,
  ExecRequest,
  LookUpOptions,
  SshConfig,
  SshConfigAnswer,
  SshConfigQuery,
} from './config/ssh-config/answer.js'
export type { FindName } from './config/ssh-config/canonical/canonical.js'
export type { KeywordName } from './config/ssh-config/keywords.js'
export type { Obtained } from './config/ssh-config/obtained.js'
export {
  type OpenOptions,
  openSshConfig,
  type ParseOptions,
  parseSshConfig,
} from './config/ssh-config/open.js'
export type { PrintContext } from './config/ssh-config/print/view.js'
export { type LocalAccount, localAccount } from './config/ssh-config/tokens/local-account.js'
export { type PrintOptions, printSshConfig } from './config/ssh-config/print/print.js'

// For those who draw maps of routes
export {
  graphOf,
  type MapEntry,
  type MappedHost,
  type NodeName,
  type RouteGraph,
  type RouteLink,
  type RouteNode,
} from './map/graph.js'
export { mapToHtml } from './map/html.js'
export { mapToJson } from './map/json.js'
export { mapToMermaid } from './map/mermaid.js'
export { mapToSvg } from './map/svg.js'

// For those who watch (node:diagnostics_channel)
export type {
  AcceptedHostKey,
  ChannelEvent,
  ForwardEvent,
  HopEvent,
  NegotiatedAlgorithms,
  OfferedCredential,
  PhaseEvent,
  PhaseFacts,
  WarningEvent,
} from './diagnostics.js'

// For command lines
export { formatAddress } from './dialer.js'
export { formatHop } from './errors.js'
export { printable, printableLines } from './printable.js'
