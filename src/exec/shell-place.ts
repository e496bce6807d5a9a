// Where in shell text a single-quoted value does not stay one word. It is no parser: what sh, dash and bash could read
// differently, or what takes a grammar to follow, is lost, and nothing after it is safe. So it errs by refusing.

/** What is open and takes more than one step to close: `((` holds arithmetic, `=(` the words of a bash array. */
type Opening = '"' | '(' | '((' | '=('

/** `${…}` and `$'…'` that all shells close at the same place. */
const plainParameter = /\$\{[^'"`\\{}()]*\}/y
const plainDollarQuotes = /\$'[^'\\]*(?:\\[^'\\][^'\\]*)*'/y
const shift = /<<[ \t]*\d/y
/** A here-document whose delimiter all shells read alike. */
const plainHereDocument =
  /<<-?[ \t]*(?:\\?[\w.!%+:@][\w.!%+:@-]*|'[^'\\\n]*'|"[^"$`\\\n]*")(?=[ \t\n;&|<>()])/y
/** Bash expands any other word here twice. */
const plainDuplicate = /[<>]&[ \t]*(?:\d+-?|-)(?=[ \t\n;&|<>()])/y
const caseWord = /case\b/y
const blank = /[ \t\n]/

/** Reads shell text piece by piece and knows at each end whether a quoted value may stand there. */
export class ShellPlace {
  readonly #open: Opening[] = []
  #brackets = 0
  #wordStarts = true
  #hereDocument = false
  #lost: string | undefined

  /**
   * Reads on to the end of `text` and tells what that end stands in, when single quotes would not protect a value there;
   * `undefined` when they do, as in plain text and inside `$(…)`. POSIX.1-2017 XCU 2.2, 2.3, 2.6, 2.7.4.
   */
  findDanger(text: string): string | undefined {
    for (let at = 0; at < text.length && this.#lost === undefined; ) {
      const next = this.#step(text, at)
      if (typeof next === 'number') at = next
      else this.#lost = next
    }
    if (this.#lost !== undefined) return this.#lost
    if (this.#inArithmetic) return 'inside arithmetic'
    if (this.#brackets > 0) return 'inside brackets'
    return this.#open.at(-1) === '"' ? 'inside quotes' : undefined
  }

  /** Passes over a quoted value. */
  passValue(): void {
    this.#wordStarts = false
  }

  get #inArithmetic(): boolean {
    return this.#open.includes('((')
  }

  /** Where to read on after the token at `at`, or what the rest of the text stands in when that cannot be told. */
  #step(text: string, at: number): number | string {
    const character = text.charAt(at)
    const next = text.charAt(at + 1)
    const wordStarts = this.#wordStarts
    this.#wordStarts = false
    if (character === '`') return 'inside or after backquotes'
    if (this.#inArithmetic && /['"\\#]/.test(character)) return 'inside or after intricate arithmetic'
    if (character === '\\') {
      if (next === '') return 'right after a backslash'
      if (next !== '\n') return at + 2
      // The shell joins the lines before it looks for tokens, which must not come from both.
      if (!blank.test(text.charAt(at - 1)) && !blank.test(text.charAt(at + 2))) return 'after a joined line'
      this.#wordStarts = wordStarts
      return at + 2
    }
    if (character === '$') return this.#passDollar(text, at)
    const quoted = this.#open.at(-1) === '"'
    if (character === '"') {
      if (quoted) this.#open.pop()
      else this.#open.push('"')
      return at + 1
    }
    return quoted ? at + 1 : this.#passPlain(text, { at, wordStarts })
  }

  #passDollar(text: string, at: number): number | string {
    const next = text.charAt(at + 1)
    const quoted = this.#open.at(-1) === '"'
    if (next === '') return 'right after $'
    if (next === '[') return 'inside or after $['
    if (next === '{') return endOf(plainParameter, text, at) ?? 'inside or after an intricate ${'
    if (next === "'" && !quoted) return endOf(plainDollarQuotes, text, at) ?? "inside or after $'"
    if (next === '(') return this.#openParenthesis(text, at + 1)
    return /[$#?!@*-]/.test(next) ? at + 2 : at + 1
  }

  /** What stands outside of quotes. */
  #passPlain(text: string, here: { readonly at: number; readonly wordStarts: boolean }): number | string {
    const { at, wordStarts } = here
    const next = text.charAt(at + 1)
    const character = text.charAt(at)
    this.#wordStarts = /[ \t\n;&|<>)]/.test(character)
    // After such a mistake bash goes on with the next line, even when that is within a value.
    if (this.#open.at(-1) === '=(' && /[(;&|<>]/.test(character)) return 'inside or after an intricate array'
    switch (character) {
      case "'": {
        const end = text.indexOf("'", at + 1)
        return end === -1 ? 'inside quotes' : end + 1
      }
      case '#': {
        const end = wordStarts ? text.indexOf('\n', at) : at + 1
        return end === -1 ? 'inside a comment' : end
      }
      case '\n':
        return this.#hereDocument ? 'inside or after a here-document' : at + 1
      case '<':
      case '>':
        return this.#passRedirection(text, at)
      case '(':
        return this.#openParenthesis(text, at)
      case ')':
        if (this.#open.length > 0) this.#open.pop()
        // After a subshell it is a comment, after a substitution it is none.
        return next === '#' ? 'after )#' : at + 1
      case '[':
        // `[ ` at the start of a word is the command; `[[`, `a[` and patterns are brackets, and bash computes in some.
        if (!wordStarts || !blank.test(next) || this.#open.includes('=(')) this.#brackets += 1
        return at + 1
      case ']':
        this.#brackets = Math.max(0, this.#brackets - 1)
        return at + 1
      default:
        // Its patterns have closing parentheses that nothing opened.
        if (wordStarts && this.#open.length > 0 && endOf(caseWord, text, at))
          return 'after case in parentheses'
        return at + 1
    }
  }

  #openParenthesis(text: string, at: number): number {
    const isArray = text.charAt(at - 1) === '='
    this.#open.push(isArray ? '=(' : text.charAt(at + 1) === '(' ? '((' : '(')
    this.#wordStarts = true
    return at + 1
  }

  #passRedirection(text: string, at: number): number | string {
    if (text.charAt(at + 1) === '&') return endOf(plainDuplicate, text, at) ?? 'after >& without a number'
    if (!text.startsWith('<<', at)) return at + 1
    if (text.startsWith('<<<', at)) return at + 3
    if (this.#inArithmetic && endOf(shift, text, at) !== undefined) return at + 2
    this.#hereDocument = true
    return endOf(plainHereDocument, text, at) ?? 'inside or after an intricate here-document'
  }
}

/** Where the match at `at` ends. */
function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}
