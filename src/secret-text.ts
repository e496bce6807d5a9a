// What of a text may be shown: the one idea of what looks like a secret in a command, a URL, a header or a variable. It
// goes by names and shapes, and hides rather too much than too little. Linear in the text.

import { isSecretLabel, isSecretName, isSecretOption } from './secret-name.js'
import { type ShellWord, splitShell } from './shell-words.js'

/** What stands in the place of a secret. */
export const hidden = '[secret]'

/** A command, or any other text, with {@link hidden} for what looks like a secret. Quotes stay in pairs. */
export function withoutSecrets(text: string): string {
  // One word without any of these has nothing that could be a value.
  return /[\s=:@]/.test(text) ? ofCommand(withoutUserInfo(text), '') : text
}

/** As {@link withoutSecrets}, for the words of one command, each of which is one word whatever is in it. */
export function withoutSecretWords(words: readonly string[]): readonly string[] {
  const watch = new Watch()
  return words.map((word) => {
    const text = withoutUserInfo(word)
    return watch.shown({ text, pieces: [{ open: '', text, close: '', isQuoted: true }] })
  })
}

/** The value of a variable, all of which its name may hide. */
export function withoutSecretValue(name: string, value: string): string {
  return isSecretName(name) ? hidden : withoutSecrets(value)
}

// A URL of ssh has a user, who is no secret, and must not have a password. Others may have a token in the user's place.
function withoutUserInfo(text: string): string {
  return text.replace(/:\/\/([^\s/?#'"]*)@/g, (url, userInfo: string, at: number) => {
    const isUser = !userInfo.includes(':') && /(?:ssh|sftp|scp)$/i.test(text.slice(Math.max(0, at - 4), at))
    return isUser ? url : `://${hidden}@`
  })
}

/** `quotes` are those in which the text stands. */
function ofCommand(text: string, quotes: string): string {
  const watch = new Watch()
  return splitShell(text, { within: quotes })
    .map((part) => (typeof part === 'string' ? part : watch.shown(part)))
    .join('')
}

/** What a word is by what stood before it; `login` is `user:password`, `header` what follows `Authorization:`. */
type Expected = 'any' | 'argument' | 'command' | 'header' | 'login' | 'secret'

/** Goes through the words of one command. */
class Watch {
  #next: Expected = 'any'
  #isSshpass = false

  shown(word: ShellWord): string {
    const expected = this.#next
    const name = nameOf(word)
    this.#next = followerOf(name)
    switch (expected) {
      case 'argument':
        return word.text
      case 'secret':
        return hide(word.text)
      case 'header':
        if (!scheme.test(name)) return hide(word.text)
        this.#next = 'secret'
        return word.text
      case 'login':
        return ofLogin(word)
      case 'command':
        return within(word, ofCommand)
      case 'any':
        if (this.#isSshpass && name.startsWith('-')) return this.#ofSshpass(word.text, name)
        this.#isSshpass = /^(?:.*[/\\])?sshpass(?:\.exe)?$/i.test(name)
        return within(word, ofArgument)
    }
  }

  // Its `-p` is a password, where that of most others is a port; and letters may stand together.
  #ofSshpass(text: string, name: string): string {
    const at = name.search(/[pPfd]/)
    if (at < 0) return text
    if (at === name.length - 1) this.#next = name[at] === 'p' ? 'secret' : 'argument'
    else if (name[at] === 'p')
      return text === name ? name.slice(0, at + 1) + hide(name.slice(at + 1)) : hide(text)
    return text
  }
}

const scheme = /^(?:basic|bearer|digest|token)$/i

function followerOf(name: string): Expected {
  if (/^(?:-[uUP]|--(?:proxy-)?user)$/.test(name)) return 'login'
  if (/^-[a-z]*c$/.test(name)) return 'command'
  if (isSecretOption(name) || /^(?:[Bb]earer|Basic)$/.test(name)) return 'secret'
  return name.endsWith(':') && isSecretName(name.slice(0, -1)) ? 'header' : 'any'
}

/** What an option or a program is called: without quotes, and without what a shell ends before it. */
function nameOf({ text, pieces: [first, second] }: ShellWord): string {
  if (first?.isQuoted !== false) return second === undefined ? (first?.text ?? '') : text
  return text.slice(Math.max(...[...';|&(`'].map((end) => first.text.lastIndexOf(end))) + 1)
}

/** The word with what is in quotes shown by `show`, and what is not by the rules for arguments. */
function within({ text, pieces }: ShellWord, show: typeof ofCommand): string {
  let shown = ''
  let done = 0
  for (const piece of pieces) {
    const { open, text: inner, close, isQuoted } = piece
    const at = isQuoted ? undefined : findSecretStart(inner)
    if (at !== undefined) return shown + inner.slice(0, at) + hide(text.slice(done + at))
    shown += isQuoted ? open + show(inner, open) + close : withoutLogin(inner)
    done += open.length + inner.length + close.length
  }
  return shown
}

/** The text of one argument: what it begins with is for all of it, as in `-H 'Authorization: Bearer x'`. */
function ofArgument(text: string, quotes: string): string {
  const blank = text.search(/\s/)
  const at = findSecretStart(blank < 0 ? text : text.slice(0, blank))
  if (at === undefined) return ofCommand(text, quotes)
  const value = text.slice(at)
  return text.slice(0, at) + value.slice(0, value.length - value.trimStart().length) + hide(value.trimStart())
}

// For some programs the letter is a flag, and its neighbour a word like any other.
function ofLogin(word: ShellWord): string {
  const shown = within(word, ofArgument)
  const { text, pieces } = word
  const [first, second] = pieces
  if (first === undefined || shown !== text || !text.includes(':')) return shown
  const colon = first.text.indexOf(':') + 1
  if (colon === 0) return hide(text)
  const user = first.open + first.text.slice(0, colon)
  return second === undefined
    ? user + hide(first.text.slice(colon)) + first.close
    : user + first.close + hide(text.slice(user.length))
}

/** A proxy as `user:password@host`, in a list or behind an option. */
function withoutLogin(text: string): string {
  if (!text.includes('@')) return text
  return text
    .split(',')
    .map((part) => part.replace(/^([^:@[]+):(?!\/\/)(.+)@/s, `$1:${hidden}@`))
    .join(',')
}

/** Where the value begins of the first `NAME=value`, `--option=value` or `name:value` that is a secret. */
function findSecretStart(text: string): number | undefined {
  let from = 0
  for (const { index } of text.matchAll(/[=:]/g)) {
    let start = index
    while (start > from && /[\w.-]/.test(text.charAt(start - 1))) start--
    from = index + 1
    const name = text.slice(start, index)
    if (text[index] === '=') {
      if (name.startsWith('-') ? isSecretOption(name) : isSecretName(name)) return from
    } else if (from === text.length ? isSecretName(name) : isSecretLabel(name)) return from
  }
  return undefined
}

// What a command prints, and a variable in braces, is not in the text; and a shell ends a word before some characters.
function hide(value: string): string {
  if (value === '' || value.startsWith('$(') || /^"?\$\{\w+\}"?$/.test(value)) return value
  let end = value.length
  while (end > 1 && /[;)`]/.test(value.charAt(end - 1))) end--
  return hidden + value.slice(end)
}
