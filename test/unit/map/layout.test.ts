import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { graphOf, type MapEntry } from '../../../src/map/graph.js'
import { type Layout, layoutOf } from '../../../src/map/layout.js'
import { addressOf } from '../../../src/map/node-text.js'
import {
  entry,
  fiveHosts,
  hop,
  hostileHosts,
  longNames,
  threeLevels,
  twoHundredHosts,
  withProblems,
} from './sample-routes.js'

const networks = { fiveHosts, threeLevels, twoHundredHosts, withProblems, longNames, hostileHosts }

describe.each(Object.entries(networks))('the layout of %s', (_, network) => {
  const graph = graphOf(network())
  const layout = layoutOf(graph)

  it('has each node and each problem once', () => {
    const drawn = layout.frames.flatMap(({ cards }) => cards.map(({ id }) => id)).sort()
    const problems = graph.hosts.flatMap((host, index) => ('problem' in host ? [`p${index}`] : []))
    expect(drawn).toEqual(['here', ...graph.nodes.map(({ id }) => id), ...problems].sort())
  })

  it('has each link in one line', () => {
    const drawn = layout.lines.flatMap(({ links }) => links).sort()
    expect(drawn).toEqual(graph.links.map(({ id }) => id).sort())
  })

  it('lets nothing cover anything else, and nothing leave the sheet', () => {
    expectOrder(layout)
  })

  it('is the same every time', () => {
    expect(layoutOf(graphOf(network()))).toEqual(layout)
  })
})

describe('a layout', () => {
  it('is in order for whatever leads wherever, rings included', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
    const entries = fc.array(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), { maxLength: 15 })
    fc.assert(
      fc.property(entries, (routes) => {
        const hosts = routes.map((route, index): MapEntry => {
          const { route: found } = entry(route.map((host) => hop(host))) as Extract<
            MapEntry,
            { route: unknown }
          >
          return { host: `${index}`, route: found }
        })
        const graph = graphOf(hosts)
        const layout = layoutOf(graph)
        expectOrder(layout)
        expect(layout.lines.flatMap(({ links }) => links)).toHaveLength(graph.links.length)
      }),
      { numRuns: 50 },
    )
  })

  it('puts each gateway to the left of what it leads to', () => {
    const graph = graphOf(twoHundredHosts())
    const left = new Map(
      layoutOf(graph).frames.flatMap(({ x, cards }) => cards.map((card) => [card.id, x + card.x])),
    )
    const wrong = graph.links.filter(({ from, to }) => (left.get(from) ?? 0) >= (left.get(to) ?? 0))
    expect(wrong).toEqual([])
  })

  it('lets no line of a tree cross another', () => {
    const { lines } = layoutOf(graphOf(twoHundredHosts()))
    const ends = lines.map(({ path }) => {
      const [x1, y1, x2, y2] = [
        ...(path.match(/^M([\d.]+) ([\d.]+)/) ?? []).slice(1),
        ...path.split(/[ LC]/).slice(-2),
      ]
      return { from: `${x1} ${y1}`, x: Number(x2), start: Number(y1), end: Number(y2) }
    })
    const crossings = ends.flatMap((one) =>
      ends.filter((other) => one.x === other.x && one.start < other.start && one.end > other.end),
    )
    expect(crossings).toEqual([])
  })

  it('of no hosts is this machine alone', () => {
    const { frames, lines } = layoutOf(graphOf([]))
    expect(frames.flatMap(({ cards }) => cards.map(({ id }) => id))).toEqual(['here'])
    expect(lines).toEqual([])
  })

  it('of thousands of hosts takes no more than seconds', () => {
    const gateways = Array.from({ length: 60 }, (_, index) => hop(`gw-${index}`))
    const hosts = Array.from({ length: 5000 }, (_, index) => {
      const gateway = gateways[index % gateways.length]
      return entry(gateway === undefined ? [] : [gateway, hop(`host-${index}`)])
    })
    const began = performance.now()
    expectOrder(layoutOf(graphOf(hosts)))
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})

it('an address has its port unless it is 22, and brackets where they are needed', () => {
  const shown = (hostName: string, port: number) => {
    const [node] = graphOf([entry([hop('x', { hostName, port })])]).nodes
    return node && addressOf(node)
  }
  expect(shown('db', 22)).toBe('ops@db')
  expect(shown('db', 2222)).toBe('ops@db:2222')
  expect(shown('fd00::1', 22)).toBe('ops@fd00::1')
  expect(shown('fd00::1', 2222)).toBe('ops@[fd00::1]:2222')
})

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function expectOrder({ frames, width, height }: Layout): void {
  expectApart(frames, { x: 0, y: 0, width, height })
  for (const { cards, heading = [], ...frame } of frames) {
    const texts = heading.map((line) => ({ ...line, y: line.y - 11, height: 14 }))
    expectApart([...cards, ...texts], { ...frame, x: 0, y: 0 })
    for (const card of cards)
      expectApart(
        card.lines.map((line) => ({ ...line, y: line.y - 11, height: 14 })),
        { ...card, x: 0, y: 0 },
      )
  }
}

/** Each box is inside the outer one, and none touches another. */
function expectApart(boxes: readonly Box[], outer: Box): void {
  const sorted = boxes.toSorted((one, other) => one.y - other.y)
  const wrong = sorted.flatMap((box, index) => {
    const inside =
      box.x >= outer.x &&
      box.y >= outer.y &&
      box.x + box.width <= outer.x + outer.width &&
      box.y + box.height <= outer.y + outer.height
    const touched: Box[] = []
    for (const other of sorted.slice(index + 1)) {
      if (other.y >= box.y + box.height) break
      if (box.x < other.x + other.width && other.x < box.x + box.width) touched.push(other)
    }
    return inside && touched.length === 0 ? [] : [{ box, outer, touched }]
  })
  expect(wrong).toEqual([])
}
