// Debian's Chromium without a head, and a page in it whose requests, messages and errors are on record.

import { accessSync, constants } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts the browser that scripts/test-programs.js provides. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: flags })
}

function findChromium(): string {
  for (const directory of (process.env['PATH'] ?? '').split(':')) {
    try {
      const program = join(directory, 'chromium')
      accessSync(program, constants.X_OK)
      return program
    } catch {
      // not in this one
    }
  }
  throw new Error('there is no chromium on the PATH: npm test installs it on Debian')
}

/** A page, and what it did. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page
  /** All URLs that it asked for. */
  readonly requests: readonly string[]
  /** All that went wrong in it, or that it said. */
  readonly messages: readonly string[]
}

export interface PageOptions {
  readonly directory: string
  readonly colorScheme?: 'light' | 'dark'
  readonly viewport?: { readonly width: number; readonly height: number }
  /** What follows the URL of the file. */
  readonly hash?: string
}

/** Opens text as a file, whose name says what it is. */
export async function openFile(
  browser: Browser,
  file: { readonly name: string; readonly text: string },
  { directory, colorScheme = 'light', viewport = { width: 1440, height: 900 }, hash = '' }: PageOptions,
): Promise<WatchedPage> {
  const path = join(directory, file.name)
  await writeFile(path, file.text)
  const context = await browser.newContext({ colorScheme, viewport })
  const page = await context.newPage()
  const requests: string[] = []
  const messages: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('websocket', (socket) => requests.push(socket.url()))
  page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => messages.push(String(error)))
  page.on('dialog', (dialog) => {
    messages.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(`${pathToFileURL(path)}${hash}`)
  return { page, requests, messages, [Symbol.asyncDispose]: () => context.close() }
}
