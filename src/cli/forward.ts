// `sallyport forward`: opens forwards and stays, and shows what goes through them: on a terminal as lines that live,
// elsewhere as a line for each thing that happens.

import { type Forward, SallyportError } from '../index.js'
import { hasFlag, type Invocation } from './command-line.js'
import { hasForwards, targetSettings } from './configured-forwards.js'
import { type ForwardNews, newsDocument, newsLine } from './forward-news.js'
import { forwardLines } from './forward-view.js'
import { jsonLine } from './json-text.js'
import { aside, LiveArea } from './live-area.js'
import { MisuseError } from './misuse.js'
import { paintFor } from './paint.js'
import { aborted, keepingAlive } from './stay.js'
import { WatchedForward } from './watched-forward.js'
import { withConnection } from './with-connection.js'

const redrawMs = 1000
const soonMs = 50

export function forward(invocation: Invocation): Promise<number> {
  return withConnection(invocation, async (connection, { interruption }) => {
    const { signal } = interruption
    process.stdout.on('error', () => interruption.interrupt('SIGPIPE'))
    const settings = await targetSettings(connection, signal)
    if (settings === undefined || !hasForwards(settings)) {
      const hint = 'give -L, -R or -D, or LocalForward, RemoteForward or DynamicForward in ssh_config'
      throw new MisuseError('there is nothing to forward', { command: 'forward', hint })
    }
    const forwards = await connection.forwardConfigured({ signal })
    if (forwards.length === 0) {
      const what = `${connection.host}: none of the forwards could be opened`
      throw new SallyportError('LISTEN_FAILED', what, { hint: 'the warnings say why of each' })
    }
    await watch(forwards, { signal, how: howToShow(invocation) })
    if (signal.aborted) return 0
    throw new SallyportError('CONNECTION_LOST', `${connection.host}: all forwards have ended`)
  })
}

type How = 'live' | 'lines' | 'json'

function howToShow(invocation: Invocation): How {
  if (hasFlag(invocation, '--json')) return 'json'
  return process.stdout.isTTY ? 'live' : 'lines'
}

/** Shows what happens until all forwards have ended, or the signal is aborted. */
async function watch(
  forwards: readonly Forward[],
  { signal, how }: { readonly signal: AbortSignal; readonly how: How },
): Promise<void> {
  const onNews = (watched: WatchedForward, news: ForwardNews): void => {
    if (how === 'json') print(jsonLine(newsDocument(watched.name, news)))
    else if (how === 'lines' || isTold(news)) aside(() => print(newsLine(watched.name, news)))
    // Many things may happen at once, and what they change is counted only after they are told.
    soon ??= setTimeout(() => {
      soon = undefined
      area?.redraw()
    }, soonMs)
  }
  const watched = forwards.map((one) => new WatchedForward(one, onNews))
  let area: LiveArea | undefined
  let soon: NodeJS.Timeout | undefined
  const paint = paintFor(process.stdout)
  if (how === 'live') {
    area = await LiveArea.open(process.stdout, (size) =>
      forwardLines(
        watched.map(({ status }) => status),
        { ...size, paint },
      ),
    )
  } else {
    for (const one of watched) onNews(one, { event: 'listening' })
  }
  const timer = setInterval(() => {
    for (const one of watched) one.sample()
    area?.redraw()
  }, redrawMs)
  try {
    await keepingAlive(() => Promise.race([aborted(signal), allClosed(forwards)]))
    await Promise.all(forwards.map((one) => one.close()))
  } finally {
    clearInterval(timer)
    clearTimeout(soon)
    area?.[Symbol.dispose]()
  }
}

/** What a terminal keeps above the lines that live: what they cannot show. */
function isTold({ event }: ForwardNews): boolean {
  return event === 'refused' || event === 'lost'
}

async function allClosed(forwards: readonly Forward[]): Promise<undefined> {
  await Promise.all(forwards.map(({ closed }) => closed))
  return undefined
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
