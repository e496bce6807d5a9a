// The look of a picture, in light and dark: few colours, each with one meaning. Written without variables, which not
// every program that shows SVG knows.

/** One theme. */
interface Colours {
  readonly paper: string
  readonly ink: string
  readonly dim: string
  readonly frame: string
  readonly frameEdge: string
  readonly card: string
  readonly cardEdge: string
  readonly here: string
  readonly hereInk: string
  readonly gateway: string
  readonly gatewayEdge: string
  readonly tcp: string
  readonly channel: string
  readonly command: string
  readonly dialer: string
  readonly proxy: string
  readonly 'remote-command': string
  readonly problem: string
}

const light: Colours = {
  paper: '#ffffff',
  ink: '#1b2733',
  dim: '#5a6b7b',
  frame: '#f4f7f9',
  frameEdge: '#dbe2e8',
  card: '#ffffff',
  cardEdge: '#c3cdd6',
  here: '#22384d',
  hereInk: '#ffffff',
  gateway: '#e6f0fa',
  gatewayEdge: '#3a74b0',
  tcp: '#7d8b98',
  channel: '#3a74b0',
  command: '#a5651c',
  dialer: '#76509c',
  proxy: '#2d7d6b',
  'remote-command': '#a5651c',
  problem: '#b3382c',
}

const dark: Colours = {
  paper: '#11171d',
  ink: '#dde5ec',
  dim: '#93a4b3',
  frame: '#171f27',
  frameEdge: '#2a3641',
  card: '#1e2831',
  cardEdge: '#3a4854',
  here: '#d5e0ea',
  hereInk: '#14202b',
  gateway: '#1a3047',
  gatewayEdge: '#5e9bd8',
  tcp: '#7f8f9d',
  channel: '#5e9bd8',
  command: '#d2954e',
  dialer: '#a986cf',
  proxy: '#5cb8a2',
  'remote-command': '#d2954e',
  problem: '#e0796d',
}

/** The style sheet of the picture. */
export const svgStyle = `
text { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 11px }
.name { font-size: 13px; font-weight: 600 }
.frame > rect, .card > rect { stroke-width: 1 }
.line { fill: none; stroke-width: 1.5 }
.line.command { stroke-dasharray: 7 4 }
.line.dialer { stroke-dasharray: 2 4 }
.line.proxy { stroke-dasharray: 10 3 2 3 }
.line.remote-command { stroke-dasharray: 4 4 }
.problem > rect { stroke-dasharray: 4 3 }
${themed(light)}
@media (prefers-color-scheme: dark) {
${themed(dark)}
}
`

function themed(colours: Colours): string {
  const kinds = (['tcp', 'channel', 'command', 'remote-command', 'proxy', 'dialer'] as const).map(
    (kind) => `.line.${kind} { stroke: ${colours[kind]} }\n#arrow-${kind} path { fill: ${colours[kind]} }`,
  )
  return `.paper { fill: ${colours.paper} }
.name { fill: ${colours.ink} }
.detail { fill: ${colours.dim} }
.frame > rect { fill: ${colours.frame}; stroke: ${colours.frameEdge} }
.card > rect { fill: ${colours.card}; stroke: ${colours.cardEdge} }
.gateway > rect { fill: ${colours.gateway}; stroke: ${colours.gatewayEdge} }
.here > rect { fill: ${colours.here}; stroke: ${colours.here} }
.here > .name { fill: ${colours.hereInk} }
.problem > rect { stroke: ${colours.problem} }
${kinds.join('\n')}`
}
