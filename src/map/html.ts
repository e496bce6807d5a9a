// The map as one HTML page that loads nothing: the picture, the graph as data, one style sheet and one script, which the
// page's own policy names by their hashes. Foreign text is never anything but text in it.

import { createHash } from 'node:crypto'
import { escapeXml, jsonInScript } from './escape.js'
import type { RouteGraph } from './graph.js'
import { makePanel } from './page-panel.js'
import { runPage } from './page-script.js'
import { pageStyle } from './page-style.js'
import { runView } from './page-view.js'
import { summaryOf, svgElement } from './svg.js'
import { svgStyle } from './svg-style.js'

/** The page, with a final line feed. It works from a file, and without its script it still is a picture. */
export function mapToHtml(graph: RouteGraph): string {
  const script = `(${runView})(window)\n;(${runPage})(window, ${makePanel})`
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(pageStyle)} ${hashOf(svgStyle)}`,
    `script-src ${hashOf(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width">
<title>Routes: ${escapeXml(summaryOf(graph))}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>Routes</h1>
<input type="search" id="search" placeholder="Search hosts" aria-label="Search hosts" autocomplete="off" spellcheck="false">
<span class="zoom"><button type="button" id="smaller" aria-label="Smaller">−</button><button type="button" id="fit">Fit</button><button type="button" id="larger" aria-label="Larger">+</button></span>
<p>${escapeXml(summaryOf(graph))}</p>
<p id="found" role="status"></p>
<p class="keys"><kbd>/</kbd> search <kbd>←↑↓→</kbd> move <kbd>Enter</kbd> follow <kbd>Esc</kbd> reset <kbd>+</kbd> <kbd>0</kbd> <kbd>-</kbd> zoom</p>
</header>
<main tabindex="-1">${svgElement(graph)}</main>
<aside id="panel" aria-label="Details" tabindex="0"></aside>
<script type="application/json" id="graph">${jsonInScript(graph)}</script>
<script>${script}</script>
</body>
</html>
`
}

/** A source of a Content-Security-Policy that allows this text and no other. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
