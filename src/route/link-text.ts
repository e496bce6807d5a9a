// How a hop is reached, in words: for the lines of a route, its settings, and messages. No secrets.

import type { Dialer } from '../dialer.js'
import { printable } from '../printable.js'
import { withoutSecrets } from '../secret-text.js'
import type { Hop } from './route.js'

/** `through gatewayhost`, `directly`, `through the proxy socks5://proxy:1080` and the like. */
export function linkText({ link }: Pick<Hop, 'link'>, before: Pick<Hop, 'host'> | undefined): string {
  const gateway = before?.host ?? 'its gateway'
  switch (link.kind) {
    case 'tcp':
      return 'directly'
    case 'channel':
      return `through ${gateway}`
    case 'dialer':
      return `through ${dialerName(link.dialer)}`
    case 'command':
      return `through the command ${printable(withoutSecrets(link.text), 120)}`
    case 'proxy': {
      const urls = link.proxies.map(({ url }) => url)
      const proxies = `${urls.length === 1 ? 'the proxy' : 'the proxies'} ${urls.join(', ')}`
      return `through ${before === undefined ? '' : `${gateway} and `}${proxies}`
    }
    case 'remote-command': {
      const command = `the command ${printable(withoutSecrets(link.text), 120)}`
      return link.when === 'always'
        ? `through ${command} on ${gateway}`
        : `through ${gateway}; where that is prohibited, through ${command} on it`
    }
  }
}

/** What a dialer calls itself. */
export function dialerName({ name }: Dialer): string {
  return name === undefined ? 'a dialer' : printable(name, 200)
}
