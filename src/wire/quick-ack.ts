// Has what a server sends acknowledged at once while somebody waits for more. A server that writes twice in a row may
// not send the second until the first is acknowledged (RFC 896, in force on the connections of a gateway), and our
// system takes some 40 ms to do that unless there is something to send (RFC 9293 3.8.6.3). So something is sent. Seen
// with sshd 9.2, which announces its host keys just before it confirms the first channel, and at the end of commands.

import type { HopStream } from './hop-stream.js'

/** Less than any segment of TCP: full ones are not held back, and are acknowledged by pairs. */
const smallBytes = 1200

export class QuickAck {
  readonly #stream: Pick<HopStream, 'on' | 'hasAnswered' | 'writable'>
  readonly #send: () => void
  #waiting = 0
  #isDue = false

  /** `send` writes a message that changes nothing. It is called only while the stream can be written. */
  constructor(stream: Pick<HopStream, 'on' | 'hasAnswered' | 'writable'>, send: () => void) {
    this.#stream = stream
    this.#send = send
    stream.on('data', ({ length }: Buffer) => {
      if (this.#waiting > 0 && length < smallBytes) this.#plan()
    })
  }

  /** Acknowledges at once until `answer` settles, which is returned. */
  during<T>(answer: Promise<T>): Promise<T> {
    this.#waiting += 1
    const done = (): void => {
      this.#waiting -= 1
    }
    answer.then(done, done)
    return answer
  }

  // Not before everybody has had the time to answer with something of their own.
  #plan(): void {
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      if (this.#waiting > 0 && this.#stream.writable && !this.#stream.hasAnswered) this.#send()
    })
  }
}
