// What an error says, and what the errors behind it say besides: the system's own words most often stand there.

const mostCauses = 8

/** The message, or the name of an error without one. Not made safe to show. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message === '' ? error.name : error.message
}

/** The messages of the chain of causes that say something new, at most eight. Not made safe to show. */
export function causeMessages(error: unknown): readonly string[] {
  const said = [messageOf(error)]
  let causes = nextOf(error)
  for (let depth = 0; depth < mostCauses && causes.length > 0; depth += 1) {
    for (const message of causes.map(messageOf)) {
      if (!said.some((text) => text.includes(message))) said.push(message)
    }
    causes = causes.flatMap(nextOf)
  }
  return said.slice(1, 1 + mostCauses)
}

function nextOf(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return []
  if (error instanceof AggregateError) return error.errors
  return error.cause === undefined ? [] : [error.cause]
}
