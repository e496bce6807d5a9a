// What one configuration file holds once it is parsed: blocks of lines, ready to be evaluated for any host. Immutable.

import type { ConfigProblem } from '../../../errors.js'
import type { KeywordName } from '../keywords.js'

/** A file of ssh_config(5), parsed. The lines before the first Host or Match are a block without a condition. */
export interface ParsedFile {
  /** As messages name it: `~/.ssh/config`. */
  readonly label: string
  readonly blocks: readonly Block[]
  /** The blocks that can matter to a host, in their order: without those for other names only. */
  readonly blocksFor: (host: string) => readonly Block[]
}

/** The lines from one Host or Match to the next. */
export interface Block {
  readonly condition: Condition
  readonly lines: readonly Line[]
  /** Those of the lines that count in a block that does not apply, too: includes, what may be wrong, and the like. */
  readonly inAnyCase: readonly Line[]
  /** How many patterns its Host or Match line has. */
  readonly patterns: number
  /** Whether its Match line asks for a final pass. */
  readonly requestsFinal: boolean
  /** Whether its Match line runs a command. */
  readonly runs: boolean
}

export type Condition =
  | { readonly kind: 'start of file' }
  /** Patterns as they were written, negation included. */
  | { readonly kind: 'Host'; readonly patterns: readonly string[] }
  | { readonly kind: 'Match'; readonly criteria: readonly Criterion[]; readonly origin: string }
  /** The Host or Match line has a problem. */
  | { readonly kind: 'never' }

/** One criterion of a Match line. */
export interface Criterion {
  readonly name: CriterionName
  readonly negated: boolean
  /** Empty for `all`, `canonical` and `final`. */
  readonly argument: string
  /** The argument as a list of patterns, in lower case for hosts. */
  readonly patterns: readonly string[]
}

export type CriterionName =
  | 'all'
  | 'canonical'
  | 'final'
  | 'exec'
  | 'localnetwork'
  | 'host'
  | 'originalhost'
  | 'user'
  | 'localuser'
  | 'tagged'
  | 'command'
  | 'version'
  | 'sessiontype'

export type Line =
  | Directive
  | { readonly kind: 'include'; readonly paths: readonly string[]; readonly origin: string }
  /** A keyword that an IgnoreUnknown may excuse; in lower case. */
  | { readonly kind: 'unknown'; readonly keyword: string; readonly origin: string }
  | { readonly kind: 'problem'; readonly problem: ConfigProblem }
  /** What a person should know, and no mistake. */
  | { readonly kind: 'remark'; readonly text: string }

/** A keyword with acceptable words. */
export interface Directive {
  readonly kind: 'directive'
  readonly keyword: KeywordName
  readonly words: readonly string[]
  readonly origin: string
}
