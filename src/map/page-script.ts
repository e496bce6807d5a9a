// What the page does when somebody searches, points, clicks or types. It runs in a browser: its text goes into the page
// as it is compiled, so that it uses nothing but its arguments.

import type { RouteGraph } from './graph.js'
import type { PageElement, PageEvent, PageWindow } from './page-dom.js'
import type { MakePanel } from './page-panel.js'

/** Brings the page to life: search, choice, and the keys for both. */
export function runPage(window: PageWindow, makePanel: MakePanel): void {
  const { document, location, history } = window
  const need = (selector: string): PageElement => {
    const found = document.querySelector(selector)
    if (found === null) throw new Error(`the page has no ${selector}`)
    return found
  }
  const graph = JSON.parse(need('#graph').textContent ?? '') as RouteGraph
  const [view, picture] = [need('main'), need('main > svg')]
  const [search, found] = [need('#search'), need('#found')]
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const links = new Map(graph.links.map((link) => [link.id, link]))
  const cards = [...picture.querySelectorAll('.card')].filter((card) => !card.classList.contains('here'))
  const lines = [...picture.querySelectorAll('.line[data-links]')]
  const idOf = (card: PageElement): string => card.getAttribute('data-node') ?? ''
  let chosen: PageElement | undefined

  const { show, textOf } = makePanel(window, graph)

  const clearSearch = (): void => {
    picture.classList.remove('searching')
    for (const card of cards) card.classList.remove('found')
    found.textContent = ''
  }

  /** Chooses a card, or none, and says so in the address of the page. */
  const choose = (card: PageElement | undefined): void => {
    chosen?.classList.remove('chosen')
    chosen?.setAttribute('aria-pressed', 'false')
    chosen = card
    card?.classList.add('chosen')
    card?.setAttribute('aria-pressed', 'true')
    if (card !== undefined) clearSearch()
    const ways = (card && nodes.get(idOf(card))?.ways) ?? []
    const followed = new Set(ways.flat())
    const passed = new Set([...followed].flatMap((id) => [links.get(id)?.from, links.get(id)?.to]))
    picture.classList.toggle('following', card !== undefined)
    for (const element of picture.querySelectorAll('.card'))
      element.classList.toggle('on', element === card || passed.has(idOf(element)))
    for (const line of lines) {
      const ids = (line.getAttribute('data-links') ?? '').split(' ')
      line.classList.toggle(
        'on',
        ids.some((id) => followed.has(id)),
      )
    }
    show(card)
    const hash = card === undefined ? '' : `#${encodeURIComponent(hashOf(card))}`
    if (location.hash !== hash)
      history.replaceState(null, '', `${location.pathname}${location.search}${hash}`)
  }

  /** The name of a host, or its address where another card has that name too: it outlives a change of the configuration. */
  const hashOf = (card: PageElement): string => {
    const [name = '', ...rest] = textOf(card)
    return cards.find((other) => textOf(other).includes(name)) === card ? name : (rest.at(-1) ?? name)
  }
  const chooseByHash = (): void => {
    let wanted = ''
    try {
      wanted = decodeURIComponent(location.hash.slice(1))
    } catch {
      // A hash that somebody typed may be no text at all.
    }
    const card = wanted === '' ? undefined : cards.find((card) => textOf(card).includes(wanted))
    choose(card)
    if (card !== undefined) enter(card)
  }

  /** Makes a card the one that Tab leads to, and brings it into view. */
  const enter = (card: PageElement): void => {
    for (const other of cards) other.setAttribute('tabindex', other === card ? '0' : '-1')
    card.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }

  /** The nearest card that lies wholly in the direction of an arrow key; what is aside counts as twice as far. */
  const nextTo = (card: PageElement, key: string): PageElement | undefined => {
    const from = card.getBoundingClientRect()
    let best: { readonly card: PageElement; readonly distance: number } | undefined
    for (const other of cards) {
      const to = other.getBoundingClientRect()
      const ahead = {
        ArrowLeft: from.x - to.x - to.width,
        ArrowRight: to.x - from.x - from.width,
        ArrowUp: from.y - to.y - to.height,
        ArrowDown: to.y - from.y - from.height,
      }[key]
      if (ahead === undefined || ahead < 0) continue
      const aside =
        key === 'ArrowUp' || key === 'ArrowDown'
          ? to.x + to.width / 2 - from.x - from.width / 2
          : to.y + to.height / 2 - from.y - from.height / 2
      const distance = ahead + 2 * Math.abs(aside)
      if (best === undefined || distance < best.distance) best = { card: other, distance }
    }
    return best?.card
  }

  const searchFor = (text: string): readonly PageElement[] => {
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '')
    if (words.length === 0) {
      clearSearch()
      return []
    }
    if (chosen !== undefined) choose(undefined)
    const hits = cards.filter((card) => {
      const all = textOf(card).join('\n').toLowerCase()
      return words.every((word) => all.includes(word))
    })
    picture.classList.add('searching')
    for (const card of cards) card.classList.toggle('found', hits.includes(card))
    found.textContent = `${hits.length} of ${cards.length} found`
    hits[0]?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    return hits
  }

  const reset = (): void => {
    search.value = ''
    clearSearch()
    choose(undefined)
  }

  const onKey = (event: PageEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const card = event.target?.closest('.card') ?? undefined
    if (event.key === 'Escape') reset()
    else if (event.target === search) {
      const [first] = event.key === 'Enter' ? searchFor(search.value) : []
      if (first === undefined) return
      enter(first)
      first.focus({ preventScroll: true })
      choose(first)
    } else if (event.key === '/') search.focus()
    else if (card === undefined || !cards.includes(card)) return
    else if (event.key === 'Enter' || event.key === ' ') choose(card)
    else if (event.key.startsWith('Arrow')) {
      const next = nextTo(card, event.key)
      if (next !== undefined) {
        enter(next)
        next.focus({ preventScroll: true })
      }
    } else return
    event.preventDefault()
  }

  picture.setAttribute('role', 'group')
  for (const card of cards) {
    card.setAttribute('role', 'button')
    card.setAttribute('aria-pressed', 'false')
    card.setAttribute('aria-label', textOf(card).join(', '))
    // The panel says it all; a tooltip would cover the neighbours.
    card.querySelector('title')?.remove()
    card.addEventListener('pointerenter', () => show(card))
    card.addEventListener('pointerleave', () => show(chosen))
    card.addEventListener('focus', () => show(card))
    card.addEventListener('blur', () => show(chosen))
  }
  for (const [index, card] of cards.entries()) card.setAttribute('tabindex', index === 0 ? '0' : '-1')
  let pressed: { readonly x: number; readonly y: number } | undefined
  view.addEventListener('pointerdown', ({ clientX, clientY }) => {
    pressed = { x: clientX, y: clientY }
  })
  view.addEventListener('click', ({ target, clientX, clientY }) => {
    const wasDragged = pressed !== undefined && Math.hypot(clientX - pressed.x, clientY - pressed.y) > 4
    pressed = undefined
    if (wasDragged) return
    const card = cards.find((card) => card === target?.closest('.card'))
    if (card === undefined) return reset()
    enter(card)
    choose(card)
  })
  search.addEventListener('input', () => searchFor(search.value))
  document.addEventListener('keydown', onKey)
  window.addEventListener('hashchange', chooseByHash)
  chooseByHash()
}
