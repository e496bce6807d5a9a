// Reading what may never end: a stream, a generator that waits. Whoever is interrupted leaves it, and it is let go of.

import { interruptible } from '../interruptible.js'

/** What `source` gives, until `signal` is aborted: then it throws the signal's reason. Left early, a stream is destroyed. */
export async function* readUntil<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]()
  let isOver = false
  try {
    for (;;) {
      const next = await interruptible(Promise.resolve(iterator.next()), signal)
      if (next.done === true) {
        isOver = true
        return
      }
      yield next.value
    }
  } finally {
    if (!isOver) letGo(source, iterator)
  }
}

// While its `next` is pending, the iterator of a stream, and any generator, takes no `return` in.
function letGo(source: object, iterator: AsyncIterator<unknown>): void {
  const destroy: unknown = Reflect.get(source, 'destroy')
  if (typeof destroy === 'function') destroy.call(source)
  else Promise.resolve(iterator.return?.()).catch(() => {})
}
