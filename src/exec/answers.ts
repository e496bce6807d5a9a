// Listens to the outputs of a program, finds questions and writes the answers, in the order of the questions. What is
// kept of an output is bounded, and a program that asks on and on without reading the answers is ended.

import type { Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { setImmediate } from 'node:timers/promises'
import type { HopRef } from '../errors.js'
import { interruptible } from '../interruptible.js'
import { printable } from '../printable.js'
import type { GivenSecrets } from './given-secrets.js'
import { type MakeRefusal, type Responder, withoutState } from './responders.js'
import type { Stop } from './stop.js'

// An ordinary pattern, such as `/\S+: $/`, takes time with the square of the text that it is run over: some milliseconds
// for this window and one piece.
const windowLength = 1024
const pieceLength = 1024
const maxPending = 1000

/** One output: its last text, of which what was taken as a question is not looked at again. */
interface Ear {
  readonly decoder: StringDecoder
  text: string
  /** How many characters came before `text`. */
  base: number
  /** Where in `text` the next question may begin. */
  from: number
  /** How many characters have come, those included that are not in `text` yet. */
  said: number
}

interface Match {
  readonly at: number
  readonly text: string
}

type Search = (text: string, from: number) => Match | undefined

interface Rule {
  readonly findQuestion: Search
  readonly findFailure: Search | undefined
  readonly response: Responder['response']
  /** How much each output had said when the first answer was given. */
  answeredAt: ReadonlyMap<Ear, number> | undefined
}

/** For one program. */
export class Answers {
  readonly #rules: readonly Rule[]
  readonly #ears: Ear[] = []
  readonly #stdin: Writable
  readonly #hop: HopRef | undefined
  readonly #stop: Stop
  readonly #secrets: GivenSecrets
  readonly #refuse: MakeRefusal
  #pending = 0
  #turn: Promise<void> = Promise.resolve()

  constructor(
    responders: readonly Responder[],
    how: {
      readonly stdin: Writable
      readonly hop: HopRef | undefined
      readonly stop: Stop
      readonly secrets: GivenSecrets
      readonly refuse: MakeRefusal
    },
  ) {
    this.#rules = responders.map(({ pattern, response, failurePattern }) => ({
      findQuestion: searchFor(pattern),
      findFailure: failurePattern === undefined ? undefined : searchFor(failurePattern),
      response,
      answeredAt: undefined,
    }))
    this.#stdin = how.stdin
    this.#hop = how.hop
    this.#stop = how.stop
    this.#secrets = how.secrets
    this.#refuse = how.refuse
  }

  /** What one output is to be told to, a chunk when it has done with the one before. */
  listen(): (chunk: Buffer) => Promise<void> {
    const ear: Ear = { decoder: new StringDecoder('utf8'), text: '', base: 0, from: 0, said: 0 }
    this.#ears.push(ear)
    return async (chunk) => {
      const text = ear.decoder.write(chunk)
      ear.said += text.length
      for (const piece of piecesOf(text)) {
        const refused = this.#hear(ear, piece)
        // A turn for everything else, in which this chunk also comes to whoever keeps the output.
        await setImmediate()
        if (refused !== undefined) this.#stop.now(this.#refuse(refused, this.#hop))
        if (this.#stop.signal.aborted) return
      }
    }
  }

  /** Gives why the program is to be ended, when it is. */
  #hear(ear: Ear, piece: string): string | undefined {
    ear.text += piece
    const refused = this.#answerAll(ear)
    const surplus = ear.text.length - windowLength
    if (surplus > 0) {
      ear.text = ear.text.slice(surplus)
      ear.base += surplus
      ear.from = Math.max(0, ear.from - surplus)
    }
    return refused
  }

  #answerAll(ear: Ear): string | undefined {
    for (;;) {
      const question = first(
        this.#rules.flatMap((rule) => withRule(rule, rule.findQuestion(ear.text, ear.from))),
      )
      const failure = first(this.#rules.flatMap((rule) => withRule(rule, findFailure(rule, ear))))
      if (failure !== undefined && (question === undefined || failure.at <= question.at)) {
        return `the command did not accept the response: ${printable(this.#secrets.hide(failure.text))}`
      }
      if (question === undefined || this.#stop.signal.aborted) return undefined
      if (this.#pending >= maxPending)
        return `the command asked ${maxPending} times without reading the responses`
      ear.from = question.at + question.text.length
      this.#queue(question.rule, question.text)
    }
  }

  #queue(rule: Rule, asked: string): void {
    this.#pending += 1
    this.#turn = this.#turn
      .then(() => this.#answer(rule, asked))
      .catch(this.#stop.now)
      .finally(() => {
        this.#pending -= 1
      })
  }

  async #answer(rule: Rule, asked: string): Promise<void> {
    const { signal } = this.#stop
    signal.throwIfAborted()
    const { response } = rule
    const text: unknown =
      typeof response === 'string'
        ? response
        : await interruptible(
            Promise.resolve().then(() => response(asked)),
            signal,
          )
    if (typeof text !== 'string') throw new TypeError('option responders: a response must be text')
    this.#secrets.add(text)
    rule.answeredAt ??= new Map(this.#ears.map((ear) => [ear, ear.said]))
    const stdin = this.#stdin
    if (!stdin.writable || stdin.write(text)) return
    const ready = new Promise<void>((resolve) => {
      const leave = (): void => {
        stdin.off('drain', leave).off('close', leave)
        resolve()
      }
      stdin.on('drain', leave).on('close', leave)
    })
    await interruptible(ready, signal)
  }
}

/** Cut behind a line end where there is one: the end of a piece is no `$` in the middle of what came at once. */
function* piecesOf(text: string): Generator<string, void> {
  for (let start = 0; start < text.length; ) {
    const end = start + pieceLength
    const lineEnd = end < text.length ? text.lastIndexOf('\n', end - 1) + 1 : 0
    const next = lineEnd > start ? lineEnd : end
    yield text.slice(start, next)
    start = next
  }
}

/** Only what came after the answer is said about it. */
function findFailure(rule: Rule, ear: Ear): Match | undefined {
  const answeredAt = rule.answeredAt?.get(ear)
  if (answeredAt === undefined) return undefined
  return rule.findFailure?.(ear.text, Math.max(0, answeredAt - ear.base))
}

function withRule(rule: Rule, match: Match | undefined): readonly (Match & { readonly rule: Rule })[] {
  return match === undefined ? [] : [{ ...match, rule }]
}

/** The one that begins first; of two, the one that was given first. */
function first<M extends Match>(matches: readonly M[]): M | undefined {
  return matches.reduce<M | undefined>(
    (best, match) => (best && best.at <= match.at ? best : match),
    undefined,
  )
}

function searchFor(pattern: RegExp | string): Search {
  if (typeof pattern === 'string') {
    return (text, from) => {
      const at = text.indexOf(pattern, from)
      return at === -1 ? undefined : { at, text: pattern }
    }
  }
  // A copy with a place of its own, so that the caller's never moves and `^` knows what came before.
  const search = new RegExp(pattern.source, `${withoutState(pattern.flags)}g`)
  return (text, from) => {
    search.lastIndex = from
    const found = search.exec(text)
    return found === null || found[0] === '' ? undefined : { at: found.index, text: found[0] }
  }
}
