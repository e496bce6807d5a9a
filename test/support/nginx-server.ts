// A real nginx for tests: HTTP and HTTPS with HTTP/2, files to fetch and to put, and a way to a WebSocket server.

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from '../docs/self-signed.js'
import type { RigLog } from './rig-log.js'
import { ServerHome, type ServerPlace } from './server-process.js'
import { freePort } from './sshd.js'

export interface WebServer extends AsyncDisposable {
  /** `name:port`, as the machine of the last sshd calls it, for HTTP and for HTTPS. */
  readonly http: string
  readonly https: string
  /** The authority of its certificate. */
  readonly ca: string
  /** The path of a unix socket on which it speaks HTTP. */
  readonly socketPath: string
  /** Of the file `/large`, which has {@link largeBytes}; `/slow` is the same, at 64 KiB a second. */
  readonly largeSha256: string
  /** The SHA-256 of a file that was PUT under `/put/`. */
  sha256Of(name: string): string
  /** How many of the server's connections have carried a request so far. */
  connections(): number
  readonly log: RigLog
}

export const largeBytes = 8 * 1024 * 1024

export interface WebPlace extends ServerPlace {
  /** The port of HTTPS. Default: a free one. */
  readonly securePort?: number
  /** Where `/ws` leads: the path of a unix socket of a WebSocket server. */
  readonly webSocketPath?: string
}

/** Starts it. What `/short` answers is kept alive for 200 ms. */
export async function startNginx(place: WebPlace = {}): Promise<WebServer> {
  const { name = 'localhost', address = '127.0.0.1', webSocketPath = '/nowhere' } = place
  const home = new ServerHome('nginx', place)
  const { directory } = home
  const { cert, key } = selfSigned(name)
  const large = randomBytes(largeBytes)
  for (const name of ['put', 'temporary']) mkdirSync(join(directory, name))
  for (const name of ['large', 'slow']) writeFileSync(join(directory, name), large)
  const port = place.port ?? (await freePort(address))
  const securePort = place.securePort ?? (await freePort(address))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/temporary/${name};`)
    .join('\n')
  const configuration = home.write(
    'nginx.conf',
    `daemon off;
master_process off;
pid ${directory}/pid;
error_log stderr notice;
events {}
http {
  ${temporary}
  log_format one 'connection $connection request $connection_requests: $request $status';
  access_log ${directory}/access one;
  keepalive_requests 10000;
  client_max_body_size 64m;
  server {
    listen ${address}:${port};
    listen ${address}:${securePort} ssl http2;
    listen unix:${directory}/sock;
    ssl_certificate ${home.write('cert.pem', cert)};
    ssl_certificate_key ${home.write('key.pem', key)};
    ssl_session_cache shared:sessions:1m;
    root ${directory};
    location = / { return 200 "hello from $host\n"; }
    location = /hello { return 200 "hello $connection"; }
    location = /scheme { return 200 "$scheme $server_protocol $ssl_session_reused"; }
    location = /short { keepalive_timeout 200ms; return 200 "hello"; }
    location = /slow { limit_rate 64k; }
    location /put/ { dav_methods PUT; }
    location = /ws {
      proxy_pass http://unix:${webSocketPath}:/;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
    }
  }
}
`,
  )
  const { log, stop } = await home.start(
    'nginx',
    ['-e', 'stderr', '-p', directory, '-c', configuration],
    /using the "epoll" event method/,
  )
  return {
    http: `${name}:${port}`,
    https: `${name}:${securePort}`,
    ca: cert,
    socketPath: `${directory}/sock`,
    largeSha256: sha256(large),
    sha256Of: (name) => sha256(readFileSync(join(directory, 'put', name))),
    connections: () =>
      new Set(readFileSync(join(directory, 'access'), 'utf8').match(/^connection \d+/gm)).size,
    ...{ log, [Symbol.asyncDispose]: stop },
  }
}

/** In hexadecimal. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
