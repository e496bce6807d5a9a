// What the configured sources say about one host: layers of settings, and gateways. The words between those that read
// sources and the route, which asks for every hop anew.

import type { Layer, Source } from './merge.js'
import type { JumpHop } from './ssh-config/values/jump-hop.js'

/** A gateway that a configured source gives to a host. */
export type ConfiguredGateway = ConfiguredBy &
  (
    | { readonly kind: 'direct' }
    /** Hosts to jump through, first to last: read, or as text of a ProxyJump. */
    | { readonly kind: 'jump'; readonly hops: readonly JumpHop[] }
    | { readonly kind: 'jump'; readonly text: string }
    /** A ProxyCommand: text for a shell, or words without one. */
    | {
        readonly kind: 'command'
        readonly command: string | readonly string[]
        /** Rejects with ConfigError EXEC_DENIED when the command, as it would run, may not. Absent: it may. */
        readonly permit?: (expanded: string) => Promise<void>
      }
  )

interface ConfiguredBy {
  readonly source: Source
  /** `~/.ssh/config:12`, `sallyport.config.json: hosts.db.gateway`, `SALLYPORT_PROXY_JUMP` */
  readonly origin: string
}

/** A value that has no effect here. */
export interface Unused {
  /** The keyword of ssh_config(5). */
  readonly keyword: string
  readonly words: readonly string[]
  readonly origin: string
}

/** What the configured sources say about one host. */
export interface HostAnswer {
  readonly layers: readonly Layer[]
  /** In the order of falling precedence; at most one of each source. */
  readonly gateways: readonly ConfiguredGateway[]
  /** What a person should know, one line each. */
  readonly warnings: readonly string[]
  readonly unused: readonly Unused[]
}

/** What is known of a host before the configured sources are asked: what the caller said. */
export interface HostQuery {
  readonly host: string
  readonly user?: string | undefined
  readonly port?: number | undefined
  readonly hostName?: string | undefined
  readonly hostKeyAlias?: string | undefined
  /** Whether the caller gave a gateway or named none: then a host is not canonicalised as one reached directly. */
  readonly proxied?: boolean | undefined
  /** Directives in ssh's words, as of `-o`; they concern this host only. */
  readonly directives?: readonly { readonly text: string; readonly origin: string }[] | undefined
  readonly command?: string | undefined
  /** `none` for a host that only leads to the next. Default: what `command` makes of it. */
  readonly sessionType?: 'none' | undefined
  readonly signal?: AbortSignal | undefined
}

/** All configured sources, as a route asks them. */
export interface Configuration {
  /** Rejects with ConfigError. */
  lookUp(query: HostQuery): Promise<HostAnswer>
}
