// Who may import whom, and which modules only some files may import: the tables that test/architecture.test.ts holds.

interface Part {
  readonly name: string
  readonly files: RegExp
  readonly mayImport: readonly string[]
  readonly because: string
}

/** The first part whose pattern matches owns the file. A part may always import itself. */
export const parts: readonly Part[] = [
  {
    name: 'cli',
    files: /^cli\//,
    mayImport: ['index', 'testing', 'words'],
    because: 'the program can do what the library can, and nothing else',
  },
  {
    name: 'testing',
    files: /^testing\//,
    mayImport: ['words', 'config', 'seam', 'engine', 'sftp'],
    because: 'the embedded network is a peer of the library, not a part of its client side',
  },
  {
    name: 'adapters',
    files: /^adapters\//,
    mayImport: ['index', 'words'],
    because: 'what a driver needs is made of what any program can use',
  },
  {
    name: 'index',
    files: /^index\.ts$/,
    mayImport: [
      'words',
      'config',
      'route',
      'map',
      'hops',
      'exec',
      'sftp',
      'files',
      'socket',
      'forward',
      'ways',
      'connection',
      'group',
    ],
    because: 'the public surface shows no hidden layer: no seam, no transport, no key handling',
  },
  {
    name: 'group',
    files: /^group\//,
    mayImport: ['words', 'config', 'route', 'hops', 'exec', 'files', 'connection'],
    because: 'a group does to many connections what a program can do to one',
  },
  {
    name: 'connection',
    files: /^(?:connection|preparation|resolve)\.ts$/,
    mayImport: ['words', 'config', 'seam', 'route', 'hops', 'exec', 'sftp', 'files', 'socket', 'forward'],
    because: 'the face joins the folders below it and opens nothing itself',
  },
  {
    name: 'map',
    files: /^map\//,
    mayImport: ['words', 'config', 'route'],
    because: 'a picture is made of routes, which are data',
  },
  {
    name: 'files',
    files: /^files\//,
    mayImport: ['words', 'seam', 'hops', 'exec', 'sftp'],
    because: 'a transfer is made of an SFTP session and the files of this machine',
  },
  {
    name: 'sftp',
    files: /^sftp\//,
    mayImport: ['words', 'seam', 'hops'],
    because: 'a file protocol over a stream of a live hop',
  },
  {
    name: 'exec',
    files: /^exec\//,
    mayImport: ['words', 'seam', 'hops'],
    because: 'what a connection carries knows of live hops, not of how they were found or opened',
  },
  {
    name: 'forward',
    files: /^forward\//,
    mayImport: ['words', 'config', 'seam', 'hops'],
    because: 'a forward joins a listener with streams of a live hop, and knows nothing of the way to it',
  },
  {
    name: 'socket',
    files: /^socket\//,
    mayImport: ['words', 'seam', 'hops'],
    because: 'a socket is a stream of a live hop in another dress',
  },
  {
    name: 'ways',
    files: /^ways\//,
    mayImport: ['words', 'config', 'route', 'transport'],
    because: 'what can be given as a gateway besides a connection opens streams, and no hops',
  },
  {
    name: 'hops',
    files: /^hops\//,
    mayImport: ['words', 'config', 'seam', 'route', 'transport', 'hostkeys', 'auth', 'engine'],
    because: 'the only place where a route becomes connections: it joins the four siblings',
  },
  {
    name: 'transport',
    files: /^transport\//,
    mayImport: ['words', 'config', 'seam', 'route'],
    because: 'how bytes reach a hop has nothing to do with who is at its end',
  },
  {
    name: 'hostkeys',
    files: /^hostkeys\//,
    mayImport: ['words', 'config', 'seam', 'route'],
    because: 'whether a key is accepted must not depend on the way or on the credentials',
  },
  {
    name: 'auth',
    files: /^auth\//,
    mayImport: ['words', 'config', 'seam', 'route'],
    because: 'credentials belong to a hop and know nothing of the other hops',
  },
  {
    name: 'route',
    files: /^route\//,
    mayImport: ['words', 'config'],
    because: 'a route is data: resolved, tested and printed without a network',
  },
  {
    name: 'seam',
    files: /^wire\/(?:wire|server|public-key|ssh-string)\.ts$/,
    mayImport: ['words'],
    because: 'interfaces and formats of the SSH protocol, free of the engine behind them',
  },
  {
    name: 'engine',
    files: /^wire\//,
    mayImport: ['words', 'seam'],
    because: 'the engine is told what to do and asks back through the seam; it reads no settings',
  },
  {
    name: 'config',
    files: /^config\//,
    mayImport: ['words'],
    because: 'settings are values; what they are used for is not their business',
  },
  {
    name: 'words',
    files: /^[a-z-]+\.ts$/,
    mayImport: [],
    because: 'what every folder shares depends on none of them',
  },
]

/** Packages and modules of Node that only some files may import. */
export const reserved = [
  {
    name: 'ssh2',
    module: /^ssh2(?:\/|$)/,
    to: /^wire\/ssh2-/,
    because: 'the engine can be replaced by replacing these files',
  },
  {
    name: 'sockets',
    module: /^node:(?:net|tls|http|https|dgram)$/,
    to: /^(?:transport|auth|testing|socket|forward|adapters)\/|^config\/ssh-config\/canonical\/address\.ts$/,
    because:
      'only transports reach out, and forwards, which also listen; sockets and adapters have the shapes of Node’s own; auth speaks to the agent, and ssh_config may name addresses',
  },
  {
    name: 'name look-ups',
    module: /^node:dns/,
    to: /^transport\/|^config\/ssh-config\/canonical\/find-name\.ts$/,
    because: 'names behind a gateway are never looked up here, but for CanonicalizeHostname',
  },
  {
    name: 'child processes',
    module: /^node:child_process$/,
    to: /^(?:transport|cli)\/|^exec\/local\.ts$|^process-group\.ts$|^config\/ssh-config\/evaluate\/run-command\.ts$/,
    because: 'the library starts a ProxyCommand, the command of a Match exec, and what local() is given',
  },
  {
    name: 'files',
    module: /^node:fs/,
    to: /^(?:auth|hostkeys|testing|cli|files)\/|^(?:forward\/listen\/unix-socket|adapters\/redis)\.ts$|^transport\/require-descriptors\.ts$|^config\/(?:own\/(?:search|checked-file|load)|ssh-config\/(?:files\/(?:file-cache|glob|read-file)|tokens\/local-account))\.ts$/,
    because:
      'parsing and resolving touch no file, but where a source is read; a transport only counts descriptors',
  },
  {
    name: 'valibot',
    module: /^valibot$/,
    to: /^config\/own\/schema\.ts$/,
    because: 'a program without files of ours does not load it',
  },
  {
    name: 'cli-progress and log-update',
    module: /^(?:cli-progress|log-update)$/,
    to: /^cli\//,
    because: 'only the command line draws',
  },
  {
    name: 'picomatch',
    module: /^picomatch$/,
    to: /^files\//,
    because: 'glob patterns are for the paths of transfers; those of ssh_config have rules of their own',
  },
  {
    name: 'jiti and yaml',
    module: /^(?:jiti|yaml)$/,
    to: /^config\/own\/load-(?:data|yaml)\.ts$/,
    because: 'a program without such files does not load them',
  },
]
