// The pages and pictures of maps in a real browser.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { graphOf, type MapEntry } from '../../src/map/graph.js'
import { mapToHtml } from '../../src/map/html.js'
import { mapToSvg } from '../../src/map/svg.js'
import {
  entry,
  fiveHosts,
  hop,
  hostile,
  hostileHosts,
  longNames,
  threeLevels,
  twoHundredHosts,
  withProblems,
} from '../unit/map/sample-routes.js'
import { openFile, type PageOptions, startChromium, type WatchedPage } from './chromium.js'

let browser: Browser
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sallyport-map-'))
  browser = await startChromium()
})

afterAll(async () => {
  await browser?.close()
  await rm(directory, { recursive: true, force: true })
})

function openPage(
  entries: readonly MapEntry[],
  options: Omit<PageOptions, 'directory'> = {},
): Promise<WatchedPage> {
  const text = mapToHtml(graphOf(entries))
  return openFile(browser, { name: 'map.html', text }, { directory, ...options })
}

/** The card of a host, by its name. */
function card(page: Page, name: string) {
  return page.locator('.card').filter({ has: page.locator(`.name:text-is("${name}")`) })
}

const namesIn = (page: Page, selector: string) => page.locator(`${selector} > .name`).allTextContents()

describe('the page', () => {
  it('loads nothing but itself, and has nothing to complain about', async () => {
    await using opened = await openPage(withProblems())
    const { page, requests, messages } = opened
    await card(page, 'db-vm').click()
    await page.locator('#search').fill('web')
    await page.locator('#fit').click()
    expect(requests).toEqual([page.url().replace(/#.*/, '')])
    expect(messages).toEqual([])
  })

  it('forbids connections, images and scripts to whatever got into it', async () => {
    let connections = 0
    const server = createServer((socket) => {
      connections++
      socket.destroy()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await using opened = await openPage(fiveHosts())
    const outcome = await opened.page.evaluate(`(async () => {
      const image = document.createElement('img')
      const failed = new Promise((resolve) => { image.onerror = () => resolve('no image') })
      image.src = '${url}/image'
      const script = document.createElement('script')
      script.textContent = 'window.pwned = 1'
      document.body.append(image, script)
      const fetched = await fetch('${url}').then(() => 'fetched', () => 'not fetched')
      return [await failed, fetched, String(window.pwned)]
    })()`)
    await once(server.close(), 'close')
    expect(outcome).toEqual(['no image', 'not fetched', 'undefined'])
    expect(connections).toBe(0)
  })

  it('shows the settings of a host that is pointed at, and where each is from', async () => {
    await using opened = await openPage(fiveHosts())
    const { page } = opened
    const panel = page.locator('#panel')
    await expectText(panel, /Point at a host/)
    await card(page, 'db-vm').hover()
    await expectText(panel, /db-vm\s+ops@db\.internal:22/)
    await expectText(panel, /ServerAliveInterval\s+30 s\s+~\/\.ssh\/config:14/)
    await expectText(panel, /Compression\s+yes/)
    expect(await panel.locator('li').count()).toBe(3)
    await page.locator('h1').hover()
    await expectText(panel, /Point at a host/)
  })

  it('shows why a host has no route', async () => {
    await using opened = await openPage(withProblems())
    await card(opened.page, 'bad').hover()
    await expectText(opened.page.locator('#panel'), /unknown token %z/)
  })

  it('follows the route to a host that is clicked, and dims the rest', async () => {
    await using opened = await openPage(fiveHosts())
    const { page } = opened
    await card(page, 'db-vm').click()
    expect(await namesIn(page, '.card.on')).toEqual(['this machine', 'edge', 'inner-gw', 'db-vm'])
    expect(await page.locator('.line.on').count()).toBe(3)
    const opacity = (name: string) =>
      page.evaluate(
        `[...document.querySelectorAll('.card')]
          .filter((it) => it.querySelector('.name').textContent === '${name}')
          .map((it) => Number(getComputedStyle(it).opacity))[0]`,
      )
    await expect.poll(() => opacity('web')).toBeLessThan(0.5)
    expect(await opacity('edge')).toBe(1)
    expect(await card(page, 'db-vm').getAttribute('aria-pressed')).toBe('true')
    await page.keyboard.press('Escape')
    expect(await namesIn(page, '.card.on')).toEqual([])
    await expect.poll(() => opacity('web')).toBe(1)
  })

  it('follows all ways to a host that has several', async () => {
    await using opened = await openPage(threeLevels())
    await card(opened.page, 'vault.ams, vault2, vault.direct').click()
    expect(await namesIn(opened.page, '.card.on')).toEqual([
      'this machine',
      'ams-edge',
      'fra-edge',
      'ams-core',
      'vault.ams, vault2, vault.direct',
    ])
    expect(await opened.page.locator('#panel ol').count()).toBe(3)
  })

  it('keeps the choice in the address', async () => {
    await using opened = await openPage(fiveHosts(), { hash: '#web' })
    const { page } = opened
    expect(await namesIn(page, '.card.chosen')).toEqual(['web'])
    await card(page, 'inner-gw').click()
    expect(new URL(page.url()).hash).toBe('#inner-gw')
    await page.reload()
    expect(await namesIn(page, '.card.chosen')).toEqual(['inner-gw'])
    await page.keyboard.press('Escape')
    expect(new URL(page.url()).hash).toBe('')
    await page.evaluate(`location.hash = '#build'`)
    await expect.poll(() => namesIn(page, '.card.chosen')).toEqual(['build'])
  })

  it('tells places of one name apart in the address', async () => {
    await using opened = await openPage([entry([hop('db')]), entry([hop('db', { user: 'bob' }), hop('web')])])
    const { page } = opened
    await page.locator('.card.gateway').click()
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe('#bob@db:22')
    await page.reload()
    expect(await page.locator('.card.gateway.chosen').count()).toBe(1)
    await page.locator('.card.host').first().click()
    expect(new URL(page.url()).hash).toBe('#db')
  })

  it('moves the picture when it is dragged, and keeps the choice until a click beside the hosts', async () => {
    await using opened = await openPage(twoHundredHosts(), { hash: '#gw-06' })
    const { page } = opened
    const start = (await card(page, 'this machine').boundingBox()) ?? { x: 0, y: 0 }
    await page.mouse.move(start.x + 20, start.y + 100)
    await page.mouse.down()
    await page.mouse.move(start.x + 20, start.y + 180, { steps: 4 })
    await page.mouse.up()
    expect(await card(page, 'this machine').boundingBox()).toMatchObject({ y: start.y + 80 })
    expect(await namesIn(page, '.card.chosen')).toEqual(['gw-06'])
    await page.mouse.click(start.x + 20, start.y + 160)
    expect(await namesIn(page, '.card.chosen')).toEqual([])
  })

  it('takes a hash that is no name for no choice', async () => {
    for (const hash of ['#%E0%A4%A', '#nobody', '#"]<img>']) {
      await using opened = await openPage(fiveHosts(), { hash })
      expect(await namesIn(opened.page, '.card.chosen')).toEqual([])
      expect(opened.messages).toEqual([])
    }
  })

  it('finds hosts by parts of their names and addresses, and opens the first by Enter', async () => {
    await using opened = await openPage(twoHundredHosts())
    const { page } = opened
    await page.keyboard.press('/')
    await page.keyboard.type('cache dc4')
    const found = await namesIn(page, '.card.found')
    expect(found.length).toBeGreaterThan(1)
    await expectText(page.locator('#found'), new RegExp(`^${found.length} of 200 found$`))
    await page.keyboard.press('Enter')
    expect(await namesIn(page, '.card.chosen')).toEqual(found.slice(0, 1))
    expect(await page.locator('.card.found').count()).toBe(0)
    await page.locator('#search').fill('no such host')
    await expectText(page.locator('#found'), /^0 of 200 found$/)
    await page.keyboard.press('Escape')
    expect(await page.locator('#search').inputValue()).toBe('')
    expect(await page.locator('.searching').count()).toBe(0)
  })

  it('is used by keys alone', async () => {
    await using opened = await openPage(fiveHosts())
    const { page } = opened
    const focused = () => page.locator('.card:focus > .name').allTextContents()
    await card(page, 'edge').focus()
    await expectText(page.locator('#panel'), /edge\.example\.com:2222/)
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toEqual(['build'])
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toEqual(['web'])
    await page.keyboard.press('Enter')
    expect(await namesIn(page, '.card.on')).toEqual(['this machine', 'edge', 'web'])
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Space')
    expect(await namesIn(page, '.card.chosen')).toEqual(['inner-gw'])
    const stops = await page.locator('.card[tabindex="0"]').count()
    expect(stops).toBe(1)
  })

  it('zooms, and fits into the window', async () => {
    await using opened = await openPage(twoHundredHosts())
    const { page } = opened
    const picture = page.locator('main > svg')
    const width = async () => (await picture.boundingBox())?.width ?? 0
    const first = await width()
    await page.locator('#larger').click()
    expect(await width()).toBeGreaterThan(first * 1.2)
    await page.locator('#fit').click()
    const view = await page.locator('main').boundingBox()
    const box = await picture.boundingBox()
    expect(box?.width).toBeLessThanOrEqual(view?.width ?? 0)
    expect(box?.height).toBeLessThanOrEqual(view?.height ?? 0)
    await page.keyboard.press('+')
    expect(await width()).toBeGreaterThan(box?.width ?? 0)
  })

  it('begins with this machine in view, and reaches each of 200 hosts', async () => {
    await using opened = await openPage(twoHundredHosts())
    const { page, messages } = opened
    expect(await isInView(page, 'this machine')).toBe(true)
    expect(await page.locator('.card').count()).toBe(201)
    for (const name of ['gw-12', 'public-10']) {
      await card(page, name).click()
      expect(await namesIn(page, '.card.chosen')).toEqual([name])
    }
    await page.locator('#search').fill('gw-07')
    await page.keyboard.press('Enter')
    expect(await isInView(page, 'gw-07')).toBe(true)
    expect(messages).toEqual([])
  })

  it('runs and shows nothing of what hostile names are made of, but as text', async () => {
    await using opened = await openPage(hostileHosts())
    const { page, requests, messages } = opened
    for (const [index, text] of hostile.entries()) {
      await page.locator('.card.problem').nth(index).hover()
      const shown = await page.locator('#panel h2').textContent()
      if (/^[\x20-\x7e]*$/.test(text)) expect(shown).toBe(`refused ${text}`)
    }
    const cards = page.locator('.card:not(.here)')
    for (let index = 0; index < 8; index++) await cards.nth(index).click()
    expect(await page.evaluate('String(window.pwned)')).toBe('undefined')
    expect(await page.locator('img, iframe, a').count()).toBe(0)
    expect(requests).toHaveLength(1)
    expect(messages).toEqual([])
  })

  it('has light and dark colours', async () => {
    const inks: unknown[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await using opened = await openPage(fiveHosts(), { colorScheme })
      const colours = await opened.page.evaluate(
        `['.paper', '.card.host > rect', '.card.host > .name'].map((it) => getComputedStyle(document.querySelector(it)).fill)`,
      )
      inks.push(colours)
      expect(new Set(colours as string[]).size).toBeGreaterThan(1)
    }
    expect(inks[0]).not.toEqual(inks[1])
  })
})

const networks = { fiveHosts, threeLevels, twoHundredHosts, withProblems, longNames, hostileHosts }

describe.each(Object.entries(networks))('the picture of %s', (_, network) => {
  it('is well-formed, loads nothing, and no text in it touches another or leaves its card', async () => {
    const text = mapToSvg(graphOf(network()))
    await using opened = await openFile(browser, { name: 'map.svg', text }, { directory })
    const { page, requests, messages } = opened
    expect(await page.evaluate('document.documentElement.nodeName')).toBe('svg')
    expect(await page.evaluate('document.querySelectorAll("parsererror").length')).toBe(0)
    const problems = await page.evaluate(`(() => {
      const boxOf = (element) => element.getBoundingClientRect()
      const texts = [...document.querySelectorAll('text')]
      const boxes = texts.map(boxOf)
      const wrong = []
      for (const [index, text] of texts.entries()) {
        const box = boxes[index]
        const outer = text.parentElement.querySelector(':scope > rect')
        if (outer !== null) {
          const room = boxOf(outer)
          if (box.left < room.left || box.right > room.right || box.top < room.top || box.bottom > room.bottom)
            wrong.push('outside: ' + text.textContent)
        }
        for (let other = index + 1; other < texts.length; other++) {
          const next = boxes[other]
          const apart = box.right <= next.left || next.right <= box.left || box.bottom - 3 <= next.top || next.bottom - 3 <= box.top
          if (!apart) wrong.push(text.textContent + ' touches ' + texts[other].textContent)
        }
      }
      return wrong
    })()`)
    expect(problems).toEqual([])
    expect(requests).toHaveLength(1)
    expect(messages).toEqual([])
  })
})

async function expectText(locator: Locator, pattern: RegExp): Promise<void> {
  await expect.poll(async () => (await locator.allInnerTexts()).join()).toMatch(pattern)
}

async function isInView(page: Page, name: string): Promise<boolean> {
  const box = await card(page, name).boundingBox()
  const view = await page.locator('main').boundingBox()
  if (box === null || view === null) return false
  return (
    box.x >= view.x &&
    box.y >= view.y &&
    box.x + box.width <= view.x + view.width &&
    box.y + box.height <= view.y + view.height
  )
}
