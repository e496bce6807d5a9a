// THE table of keywords of ssh_config(5).

/** The keywords as ssh_config(5) spells them. */
export type KeywordName = string
