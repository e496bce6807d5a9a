// The look of the page around the picture, and what the picture looks like while something is chosen in it.

/** The style sheet of the page. The picture brings its own. */
export const pageStyle = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b2733; --dim: #5a6b7b; --edge: #dbe2e8; --field: #f4f7f9; --accent: #3a74b0; --mark: #a5651c; --problem: #b3382c }
@media (prefers-color-scheme: dark) {
:root { --paper: #11171d; --ink: #dde5ec; --dim: #93a4b3; --edge: #2a3641; --field: #171f27; --accent: #5e9bd8; --mark: #d2954e; --problem: #e0796d }
}
* { box-sizing: border-box }
[hidden] { display: none }
html, body { height: 100%; margin: 0 }
body { display: grid; grid-template: auto minmax(0, 1fr) / minmax(0, 1fr) 23rem; background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, sans-serif }
header { grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; padding: .6rem 1rem; border-bottom: 1px solid var(--edge) }
h1 { margin: 0; font-size: 1rem; font-weight: 600 }
header p { margin: 0; color: var(--dim) }
header p:empty { display: none }
.keys { margin-left: auto }
kbd { padding: 0 .35em; border: 1px solid var(--edge); border-radius: 4px; background: var(--field); font: 12px ui-monospace, monospace }
input, button { padding: .35rem .6rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--field); color: inherit; font: inherit }
input { width: 18rem; max-width: 100% }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
main { display: flex; overflow: auto }
main > svg { flex: none; margin: auto; user-select: none }
.zoom { display: flex }
.zoom button { border-radius: 0 }
.zoom button:first-child { border-radius: 6px 0 0 6px }
.zoom button:last-child { border-radius: 0 6px 6px 0 }
.zoom button + button { border-left: 0 }
aside { overflow: auto; font-size: 13px; padding: 1rem; border-left: 1px solid var(--edge); overflow-wrap: anywhere }
aside h2 { margin: 0 0 .25rem; font: 600 15px/1.35 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace }
aside h3 { margin: 1.1rem 0 .3rem; color: var(--dim); font-size: 12px; font-weight: 600 }
aside p { margin: 0 0 .25rem }
aside ol { margin: 0; padding-left: 1.4rem }
aside ol + ol { margin-top: .5rem; padding-top: .5rem; border-top: 1px solid var(--edge) }
aside li { margin-bottom: .4rem }
.dim { color: var(--dim) }
.code { font: 12px/1.45 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace }
.warning { color: var(--mark) }
.refusal { color: var(--problem) }
dl { margin: 0 }
dt { margin-top: .55rem; font-size: 12px; font-weight: 600 }
dd { margin: 0 }
.card { cursor: pointer; transition: opacity .12s }
.here { cursor: default }
.line { transition: opacity .12s }
.card:focus { outline: none }
.card:hover > rect, .card:focus > rect { stroke: var(--accent); stroke-width: 2 }
.card.chosen > rect { stroke: var(--accent); stroke-width: 2.5 }
.card.found > rect { stroke: var(--mark); stroke-width: 2 }
.following .card:not(.on), .searching .card:not(.found) { opacity: .28 }
.following .line:not(.on), .searching .line { opacity: .12 }
.following .line.on { stroke-width: 2.5 }
.following .legend .line, .searching .legend .line { opacity: 1 }
@media (max-width: 50rem) {
body { grid-template: auto minmax(0, 3fr) minmax(0, 2fr) / minmax(0, 1fr) }
aside { border-left: 0; border-top: 1px solid var(--edge) }
.keys { display: none }
}
@media (prefers-reduced-motion: reduce) { .card, .line { transition: none } }
@media print { header, aside { display: none } body { display: block } main { overflow: visible } main > svg { width: 100%; height: auto; margin: 0 } }
`
