// How large the picture is in the page, and which part of it shows: zoom, fit, and moving it by dragging. It runs in a
// browser, as page-script.ts does, and uses nothing but its argument.

import type { PageWindow } from './page-dom.js'

/** Brings zoom and dragging to life, and shows the picture with this machine in view. */
export function runView(window: PageWindow): void {
  const { document } = window
  const view = document.querySelector('main')
  const picture = document.querySelector('main > svg')
  if (view === null || picture === null) return
  const width = Number(picture.getAttribute('width'))
  const height = Number(picture.getAttribute('height'))
  const fitting = (): number => Math.min(1, view.clientWidth / width, view.clientHeight / height)
  let scale = 1

  /** Zooms; what is in the middle of the view stays there. */
  const zoomTo = (wanted: number): void => {
    const next = Math.min(3, Math.max(0.1, wanted))
    const middle = {
      x: (view.scrollLeft + view.clientWidth / 2) / scale,
      y: (view.scrollTop + view.clientHeight / 2) / scale,
    }
    picture.setAttribute('width', String(Math.floor(width * next)))
    picture.setAttribute('height', String(Math.floor(height * next)))
    scale = next
    view.scrollLeft = middle.x * next - view.clientWidth / 2
    view.scrollTop = middle.y * next - view.clientHeight / 2
  }

  const actions = [
    { button: '#smaller', key: '-', run: () => zoomTo(scale / 1.25) },
    { button: '#fit', key: '0', run: () => zoomTo(fitting()) },
    { button: '#larger', key: '+', run: () => zoomTo(scale * 1.25) },
  ]
  for (const { button, run } of actions) document.querySelector(button)?.addEventListener('click', run)
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target?.id === 'search') return
    actions.find(({ key }) => key === event.key)?.run()
  })

  let held: { readonly x: number; readonly y: number } | undefined
  view.addEventListener('pointerdown', ({ button, clientX, clientY, pointerType }) => {
    if (button === 0 && pointerType === 'mouse')
      held = { x: view.scrollLeft + clientX, y: view.scrollTop + clientY }
  })
  window.addEventListener('pointermove', ({ clientX, clientY }) => {
    if (held === undefined) return
    view.scrollLeft = held.x - clientX
    view.scrollTop = held.y - clientY
  })
  window.addEventListener('pointerup', () => {
    held = undefined
  })

  // Names can still be read at this size; a picture that is larger begins where all routes begin.
  zoomTo(Math.max(fitting(), 0.7))
  const start = document.querySelector('.card.here')?.getBoundingClientRect()
  const frame = view.getBoundingClientRect()
  view.scrollLeft = 0
  if (start !== undefined) view.scrollTop += start.y + start.height / 2 - frame.y - view.clientHeight / 2
}
