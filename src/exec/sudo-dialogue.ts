// What passes between sudo and us until the command has begun: its prompt, the password once, and nothing of the input
// before that. The password goes to whom asks with the prompt of this very call.

import { PassThrough } from 'node:stream'
import { interruptible } from '../interruptible.js'
import type { RemoteProcess } from '../wire/wire.js'
import { filteredProcess } from './filtered-process.js'
import { flow } from './flow.js'
import { OutputWatch } from './output-watch.js'
import type { RunScene } from './run-process.js'
import type { SudoCommand } from './sudo-command.js'
import { checkPassword } from './sudo-password.js'

/** Without a mark nothing says that a command has begun that nobody was asked a password for. */
const silenceMs = 30_000

export interface DialogueTerms {
  readonly command: SudoCommand
  /** Asked at most once, when sudo asks. */
  readonly givePassword: () => string | Promise<string>
}

/** How far sudo has come. */
export class SudoDialogue {
  readonly #terms: DialogueTerms
  #prompts = 0
  #hasBegun = false
  #output: 'stdout' | 'stderr' = 'stderr'

  constructor(terms: DialogueTerms) {
    this.#terms = terms
  }

  /** Whether a password was asked for. */
  get wasAsked(): boolean {
    return this.#prompts > 0
  }

  /** Whether the command has begun; `undefined` when nothing would say so. */
  get hasBegun(): boolean | undefined {
    return this.#terms.command.mark === undefined ? undefined : this.#hasBegun
  }

  /** Where sudo speaks: on a terminal all is stdout. */
  get output(): 'stdout' | 'stderr' {
    return this.#output
  }

  /** Puts itself between the process and its user. */
  wrap(process: RemoteProcess, scene: RunScene): RemoteProcess {
    const { prompt, mark } = this.#terms.command
    const output = scene.hasTerminal ? 'stdout' : 'stderr'
    this.#output = output
    if (prompt === undefined && mark === undefined) return process
    const gate = prompt === undefined ? undefined : new Gate(process)
    const watch = new OutputWatch({ prompt, mark }, (name, passedBytes) => {
      if (name === 'mark') {
        this.#hasBegun = true
        // With a prompt comes the lecture, which is not the command's.
        if (this.wasAsked) scene.leaveOut(output, passedBytes)
        gate?.open()
        return 'leave'
      }
      this.#prompts += 1
      if (this.#prompts > 1) {
        // In the next turn, when what sudo said has come to whoever keeps it.
        const what = 'sudo did not accept the password'
        setImmediate(() => scene.fail({ code: 'SUDO_PASSWORD_REFUSED', what }))
        return 'leave'
      }
      scene.leaveOut(output, passedBytes)
      this.#answer(process, scene).then(() => {
        if (mark === undefined) gate?.open()
      }, scene.stop.now)
      // A terminal that shows no keys shows the end of the line.
      return scene.hasTerminal ? 'skip line end' : 'go on'
    })
    if (mark === undefined) gate?.openAfter(silenceMs)
    return filteredProcess(process, { [output]: watch, stdin: gate?.stdin })
  }

  async #answer({ stdin }: RemoteProcess, { stop, secrets }: RunScene): Promise<void> {
    const asked = Promise.resolve().then(this.#terms.givePassword)
    const password = checkPassword(await interruptible(asked, stop.signal))
    secrets.add(password)
    if (stdin.writable) stdin.write(`${password}\n`)
  }
}

/** Holds back what is written to a process, its end included, until it is opened. */
class Gate {
  readonly stdin = new PassThrough()
  readonly #process: RemoteProcess
  #clock: NodeJS.Timeout | undefined
  #isOpen = false

  constructor(process: RemoteProcess) {
    this.#process = process
    this.stdin.on('error', () => {})
    const leave = (): void => clearTimeout(this.#clock)
    process.end.then(leave, leave)
  }

  openAfter(delayMs: number): void {
    this.#clock = setTimeout(() => this.open(), delayMs)
  }

  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    clearTimeout(this.#clock)
    const { stdin } = this.#process
    this.stdin.once('end', () => stdin.end())
    flow(this.stdin, stdin, { whenClosed: 'pause' })
  }
}
