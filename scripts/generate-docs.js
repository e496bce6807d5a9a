// Writes docs/errors.md from the table of error codes, and docs/settings.md from the tables of settings and of the keywords
// of ssh_config(5). `--check` only says whether they are up to date.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { settingsPage } from './settings-page.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = (file) => import(pathToFileURL(join(root, 'dist', file)).href)
const { errorCodes } = await built('error-codes.js')

const rows = Object.entries(errorCodes).map(([code, { cause, remedy, retryable }]) => {
  const again = retryable === true ? '\n\nTrying again after a pause may succeed (`error.retryable`).' : ''
  return `## ${code}\n\n${cause}\n\n**What to do.** ${remedy}${again}\n`
})
const errorsPage = `# Errors

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
| \`SftpError\` | \`path\`, and \`status\`, the server's number, where it sent one |
| \`GroupError\` | \`outcomes\` of all members |
| \`AbortError\` | nothing: the signal's reason is its \`cause\` |

${rows.join('\n')}`

const pages = {
  'docs/errors.md': errorsPage,
  'docs/settings.md': settingsPage({
    ...(await built('config/settings.js')),
    ...(await built('config/environment-name.js')),
    ...(await built('config/ssh-config/keywords.js')),
    source: readFileSync(join(root, 'src', 'config', 'settings.ts'), 'utf8'),
  }),
}
for (const [name, page] of Object.entries(pages)) {
  const file = join(root, name)
  if (!process.argv.includes('--check')) writeFileSync(file, page)
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== page) {
    console.error(`${name} is out of date: run npm run docs`)
    process.exitCode = 1
  }
}
