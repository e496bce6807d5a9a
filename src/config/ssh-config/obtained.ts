// One value of a keyword, as it was found: its words, and where they stand.

/** One value that was obtained, in ssh's own words. */
export interface Obtained {
  /** Canonical words, as `ssh -G` prints them where it prints them unexpanded: `yes`, `30`, `user@bastion:22`. */
  readonly words: readonly string[]
  /** `~/.ssh/config:12`; `-o ProxyJump` for a directive that did not come from a file. */
  readonly origin: string
}
