// The panel of the page: what a card stands for, its routes, and its settings with their origins. It runs in a browser, as
// page-script.ts does, and uses nothing but its arguments. It writes foreign text as text only.

import type { RouteGraph, RouteLink, RouteNode } from './graph.js'
import type { PageElement, PageWindow } from './page-dom.js'

/** What the panel offers to the script of the page. */
export interface Panel {
  /** Shows a card, or a hint what to do. */
  show(card: PageElement | undefined): void
  /** The names of a card, and last its address, or the problem of a host without a route. */
  textOf(card: PageElement): readonly string[]
}

export type MakePanel = (window: PageWindow, graph: RouteGraph) => Panel

/** Makes the panel of the page. */
export const makePanel: MakePanel = ({ document }, graph) => {
  const panel = document.querySelector('#panel')
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const links = new Map(graph.links.map((link) => [link.id, link]))

  const fullAddressOf = ({ user, hostName, port }: RouteNode): string =>
    `${user}@${hostName.includes(':') ? `[${hostName}]` : hostName}:${port}`
  const nameOf = (id: string): string => nodes.get(id)?.names[0]?.host ?? 'this machine'
  const nodeOf = (card: PageElement) => nodes.get(card.getAttribute('data-node') ?? '')
  const problemOf = (card: PageElement) => {
    const host = graph.hosts[Number((card.getAttribute('data-node') ?? '').slice(1))]
    return nodeOf(card) === undefined && host !== undefined && 'problem' in host ? host : undefined
  }
  const write = (tag: string, text: string, look = ''): PageElement => {
    const element = document.createElement(tag)
    element.textContent = text
    element.className = look
    return element
  }

  const linkText = ({ kind, from, command = '', by }: RouteLink): string => {
    switch (kind) {
      case 'tcp':
        return 'directly'
      case 'channel':
        return `through ${nameOf(from)}`
      case 'command':
        return `through the command ${command}`
      case 'dialer':
        return `through ${by ?? 'a dialer'}`
      case 'proxy':
        return `through ${from === 'here' ? '' : `${nameOf(from)} and `}${by}`
      case 'remote-command':
        return `through the command ${command} on ${nameOf(from)}`
    }
  }
  const writeWay = (way: readonly string[]): PageElement => {
    const list = write('ol', '')
    for (const link of way.flatMap((id) => links.get(id) ?? [])) {
      const node = nodes.get(link.to)
      const item = write('li', '')
      item.append(
        write('div', nameOf(link.to), 'code'),
        write('div', node === undefined ? '' : fullAddressOf(node), 'code dim'),
        write('div', linkText(link), 'dim'),
      )
      list.append(item)
    }
    return list
  }

  const writeName = (node: RouteNode, index: number): readonly PageElement[] => {
    const name = node.names[index]
    if (name === undefined) return []
    const { host, linkOrigin, settings } = name
    const list = write('dl', '')
    for (const { keyword, value, origin, beat } of settings) {
      const from = beat.length === 0 ? origin : `${origin}, over ${beat.join(', ')}`
      list.append(write('dt', keyword), write('dd', value, 'code'), write('dd', from, 'dim code'))
    }
    if (linkOrigin !== 'default')
      list.append(write('dt', 'the way here is set in'), write('dd', linkOrigin, 'dim code'))
    return [write('h3', node.names.length === 1 ? 'Settings' : `Settings of ${host}`), list]
  }

  const writeNode = (node: RouteNode): readonly PageElement[] => [
    write('h2', node.names.map(({ host }) => host).join(', ')),
    write('p', fullAddressOf(node), 'code'),
    ...graph.hosts.flatMap((host) =>
      'node' in host && host.node === node.id
        ? host.warnings.map((warning) => write('p', warning, 'warning'))
        : [],
    ),
    write('h3', node.ways.length === 1 ? 'Route' : `${node.ways.length} routes`),
    ...node.ways.map(writeWay),
    ...node.names.flatMap((_, index) => writeName(node, index)),
  ]

  return {
    show: (card) => {
      const node = card && nodeOf(card)
      const problem = card && problemOf(card)
      if (problem !== undefined)
        panel?.replaceChildren(write('h2', problem.host), write('p', problem.problem, 'refusal'))
      else if (node !== undefined) panel?.replaceChildren(...writeNode(node))
      else
        panel?.replaceChildren(
          write('p', 'Point at a host to see its settings, click to follow its route.', 'dim'),
        )
    },
    textOf: (card) => {
      const node = nodeOf(card)
      const problem = problemOf(card)
      if (problem !== undefined) return [problem.host, problem.problem]
      return node === undefined ? [] : [...node.names.map(({ host }) => host), fullAddressOf(node)]
    },
  }
}
