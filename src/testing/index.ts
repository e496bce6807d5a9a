// The public surface of sallyport/testing: an embedded network of real SSH servers, for tests and demonstrations.

export { builtInCommand } from './commands.js'
export type {
  CommandAnswer,
  CommandContext,
  CommandProgram,
  CommandResult,
  DescribedAttributes,
  FileDescription,
  FileTreeDescription,
  HostDescription,
  NetworkDescription,
  QuestionRound,
  Service,
  UserDescription,
} from './description.js'
export type { Faults, FileFaults, VersionFault } from './faults.js'
export type { HostFile, HostFiles } from './files/host-files.js'
export type { NetworkHost } from './host.js'
export type { TestKey } from './key-pair.js'
export type { LogEvent, LogRecord } from './log.js'
export { createNetwork, type Network, type NetworkSettings } from './network.js'
export type { NetworkFiles } from './network-files.js'
