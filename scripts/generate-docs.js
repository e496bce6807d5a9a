// Writes docs/errors.md from the table of error codes. `--check` only says whether it is up to date.

import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { errorCodes } = await import(pathToFileURL(join(root, 'dist', 'error-codes.js')).href)

const rows = Object.entries(errorCodes).map(([code, { cause, remedy, retryable }]) => {
  const again = retryable === true ? '\n\nTrying again after a pause may succeed (`error.retryable`).' : ''
  return `## ${code}\n\n${cause}\n\n**What to do.** ${remedy}${again}\n`
})
const page = `# Errors

Every error is a \`SallyportError\` with a \`code\` from this page. \`hop\` and \`phase\` say where it happened, \`hint\` what to do
in this very case, and \`cause\` what was underneath. Wrong types of arguments are a \`TypeError\`. This page is generated
from \`src/error-codes.ts\`.

| Class | Also has |
| --- | --- |
| \`ConfigError\` | \`origin\`: where the value stands. Thrown before any work |
| \`GatewayConflictError\` | \`sources\`: the two that contradict each other |
| \`ConnectError\` | \`reason\`: the server's number, where it sent one |
| \`ProxyCommandError\` | \`exitCode\`, \`signal\`, \`stderrTail\` |
| \`HostKeyError\` | \`offered\`, \`known\` with file and line |
| \`AuthError\` | \`tried\`, \`allowed\` |
| \`CommandError\` | \`stdout\`, \`stderr\`, \`exitCode\`, \`signal\`, \`command\`, \`host\`, \`durationMs\` |
| \`AbortError\` | nothing: the signal's reason is its \`cause\` |

${rows.join('\n')}`

const file = join(root, 'docs', 'errors.md')
if (!process.argv.includes('--check')) writeFileSync(file, page)
else if (readFileSync(file, 'utf8') !== page) {
  console.error('docs/errors.md is out of date: run npm run docs')
  process.exit(1)
}
