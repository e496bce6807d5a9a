import { describe, expect, it } from 'vitest'
import { cellsOf, shortened, wrapped } from '../../../src/map/cell-text.js'
import { escapeMermaid, escapeXml, jsonInScript } from '../../../src/map/escape.js'
import { graphOf } from '../../../src/map/graph.js'
import { mapToHtml } from '../../../src/map/html.js'
import { mapToJson } from '../../../src/map/json.js'
import { mapToMermaid } from '../../../src/map/mermaid.js'
import { mapToSvg } from '../../../src/map/svg.js'
import {
  entry,
  fiveHosts,
  hop,
  hostile,
  hostileHosts,
  throughCommand,
  withProblems,
} from './sample-routes.js'

describe('JSON', () => {
  it('has a version, the hosts with their routes, the nodes and the links', () => {
    expect(JSON.parse(mapToJson(graphOf([entry([hop('gw', {}, 4)])])))).toEqual({
      version: 1,
      hosts: [{ host: 'gw', node: 'n1', route: ['l1'], warnings: [] }],
      nodes: [
        {
          id: 'n1',
          user: 'ops',
          hostName: 'gw',
          port: 22,
          names: [
            {
              host: 'gw',
              linkOrigin: '~/.ssh/config:4',
              settings: [
                { name: 'user', keyword: 'User', value: 'ops', origin: '~/.ssh/config:4', beat: [] },
              ],
            },
          ],
          ways: [['l1']],
        },
      ],
      links: [{ id: 'l1', from: 'here', to: 'n1', kind: 'tcp' }],
    })
  })
})

describe('Mermaid', () => {
  it('has a line for each node, link and problem', () => {
    const entries = [
      entry([hop('gw'), hop('db')]),
      entry([hop('web')], throughCommand('nc %h %p')),
      { host: 'lost', problem: 'no route' },
    ]
    expect(mapToMermaid(graphOf(entries))).toBe(`flowchart LR
  here(["this machine"])
  n1["gw<br>ops@gw"]
  n2["db<br>ops@db"]
  n3["web<br>ops@web"]
  here --> n1
  n1 ==> n2
  here -.->|"nc #37;h #37;p"| n3
  p1["lost<br>no route"]:::problem
  classDef problem stroke:#b3382c,stroke-dasharray:4
`)
  })

  it('lets no hostile text end its label, open a directive or become markup', () => {
    const lines = mapToMermaid(graphOf(hostileHosts())).trimEnd().split('\n')
    const allowed =
      /^(?:flowchart LR|\s+here\(\["this machine"\]\)|\s+[np]\d+\["[^"`%{}[\]<>&]*<br>[^"`%{}[\]<>&]*"\](?:::+problem)?|\s+\w+ [-=.]+>(?:\|"[^"`%{}[\]<>&]*"\|)? \w+|\s+classDef .*)$/
    expect(lines.filter((line) => !allowed.test(line))).toEqual([])
  })

  it('spells what it escapes by its code', () => {
    expect(escapeMermaid('a"b#;%{`<')).toBe('a#34;b#35;#59;#37;#123;#96;#60;')
    expect(escapeMermaid('deploy@web-1.example.com:22, ключ')).toBe('deploy@web-1.example.com:22, ключ')
  })
})

describe('SVG', () => {
  const svg = mapToSvg(graphOf(hostileHosts()))

  it('has only elements of its own, and nothing that runs or loads', () => {
    const tags = new Set([...svg.matchAll(/<\/?([^\s/>]+)/g)].map(([, tag]) => tag))
    expect([...tags].sort()).toEqual(
      ['?xml', 'defs', 'g', 'marker', 'path', 'rect', 'style', 'svg', 'text', 'title'].sort(),
    )
    expect(svg).not.toMatch(/<[^>]*\son\w+=/)
    expect(svg).not.toMatch(/<[^>]*\s(?:href|src|style|xlink:href)=/)
    expect(svg).not.toMatch(/url\((?!#arrow-)|@import/)
  })

  it('is the same for the same hosts', () => {
    expect(mapToSvg(graphOf(hostileHosts()))).toBe(svg)
  })

  it('tells in full what it shows shortened', () => {
    const name = `${'long-'.repeat(20)}name`
    const long = mapToSvg(graphOf([entry([hop(name)])]))
    expect(long).toContain(`<title>${name}\nops@${name}:22</title>`)
    expect(long).not.toContain(`>${name}<`)
  })

  it('spells what it escapes by its code', () => {
    expect(escapeXml(`<a b="c" d='e'>&`)).toBe('&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62;&#38;')
  })
})

describe('the page', () => {
  it('allows no connection, and of scripts and styles only its own', () => {
    const page = mapToHtml(graphOf(withProblems()))
    const policy = page.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)?.[1]
    expect(policy?.replace(/'sha256-[\w+/=]{44}'/g, 'HASH').split('; ')).toEqual([
      "default-src 'none'",
      'style-src HASH HASH',
      'script-src HASH',
      "base-uri 'none'",
      "form-action 'none'",
    ])
    expect(page).not.toMatch(/<(?:link|img|iframe|object|embed|base)\b|@import|\ssrc=/)
  })

  it('has its data where no text can end the script', () => {
    const page = mapToHtml(graphOf(hostileHosts()))
    expect(page.match(/<\/script/g)).toHaveLength(2)
    expect(page).not.toContain('<img')
    const data = page.match(/<script type="application\/json" id="graph">(.*)<\/script>/)?.[1]
    expect(JSON.parse(data ?? '')).toEqual(JSON.parse(JSON.stringify(graphOf(hostileHosts()))))
    for (const text of hostile) expect(jsonInScript(text)).not.toMatch(/[<>&\u2028\u2029]/)
  })

  it('is a picture without its script, too', () => {
    const graph = graphOf(fiveHosts())
    const [picture = ''] = mapToSvg(graph).match(/<svg[\s\S]*/) ?? []
    expect(mapToHtml(graph)).toContain(picture.trimEnd())
  })
})

describe('text in cells', () => {
  it('counts wide characters twice and marks not at all', () => {
    expect(cellsOf('abc')).toBe(3)
    expect(cellsOf('数据')).toBe(4)
    expect(cellsOf('é')).toBe(1)
  })

  it('keeps both ends of what is too long', () => {
    expect(shortened('db.example.com', 14)).toBe('db.example.com')
    expect(shortened('database.example.com', 11)).toBe('datab…e.com')
    expect(cellsOf(shortened('数据库服务器一号', 9))).toBeLessThanOrEqual(9)
  })

  it('breaks lines at blanks, and shortens the last', () => {
    expect(wrapped('one two three', { width: 8, lines: 3 })).toEqual(['one two', 'three'])
    expect(wrapped('onetwothree four five six', { width: 8, lines: 2 })).toEqual(['onetwoth', 'ree …six'])
  })
})
