// The little of the DOM that the page's script uses. The project is compiled without the browser's own declarations, so
// that nothing else can lean on a browser by mistake.

/** A node of the page: HTML or SVG. */
export interface PageElement {
  textContent: string | null
  className: string | object
  hidden: boolean
  value: string
  readonly id: string
  readonly clientWidth: number
  readonly clientHeight: number
  scrollLeft: number
  scrollTop: number
  readonly parentElement: PageElement | null
  readonly classList: {
    add(name: string): void
    remove(name: string): void
    toggle(name: string, force: boolean): boolean
    contains(name: string): boolean
  }
  getAttribute(name: string): string | null
  setAttribute(name: string, value: string): void
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
  closest(selector: string): PageElement | null
  append(...children: readonly PageElement[]): void
  replaceChildren(...children: readonly PageElement[]): void
  remove(): void
  focus(options?: { readonly preventScroll: boolean }): void
  scrollIntoView(options: { readonly block: 'nearest'; readonly inline: 'nearest' }): void
  getBoundingClientRect(): {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
  }
  addEventListener(type: string, listener: (event: PageEvent) => void): void
}

/** What happened, by pointer or by key. */
export interface PageEvent {
  readonly key: string
  readonly button: number
  readonly clientX: number
  readonly clientY: number
  readonly pointerType: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly target: PageElement | null
  preventDefault(): void
}

export interface PageDocument {
  createElement(name: string): PageElement
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
  addEventListener(type: string, listener: (event: PageEvent) => void): void
}

/** The window of the page. */
export interface PageWindow {
  readonly document: PageDocument
  readonly location: { readonly hash: string; readonly pathname: string; readonly search: string }
  readonly history: { replaceState(state: null, unused: '', url: string): void }
  addEventListener(type: string, listener: (event: PageEvent) => void): void
}
