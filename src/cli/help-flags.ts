// The flags that several pages of --help list.

export const ownConfigFlags = `  --config file   read this file in place of the project's own configuration
  --no-config     read neither configuration of sallyport's own nor its variables`

export const hostLetters = `  -F file         read this ssh_config in place of yours and the system's; or none
  -J hosts        go through these hosts, first to last: user@a:22,b
  -o Key=Value    an option in ssh_config's words, as ProxyCommand=…; beats the files
  -l user         log in as this user
  -p port         connect to this port
  -i file         offer this key; may be repeated
  -A              let the host use your agent
  -4, -6          connect by IPv4 or IPv6 only`

export const transferFlags = `  -r              directories, too, with all that is in them
  -p              keep the permissions and times of the originals
  -q              show no progress
  -C              compress what goes over the network
  --resume        go on where an interrupted transfer stopped
  --checksum      compare both ends by SHA-256 afterwards
  --symlinks how  links within directories: skip, the default; copy; or follow
  --json          print one line of JSON for each file or directory that was named`

export const hostFlags = `${hostLetters}
${ownConfigFlags}`

// As with scp, whose -p is another option.
export const filesHostFlags = hostFlags.replace('  -p port ', '  -P port ')

export const connectionFlags = `${hostFlags}
  -v              tell each hop's phases and times; -vv tells more`

export const forwardFlags = `  -L spec         listen here, lead there: [bind:]port:host:port; either side may be a /path
  -R spec         listen there, lead here; without host:port a SOCKS proxy for that side
  -D [bind:]port  listen here as a SOCKS and HTTP proxy whose destinations the host dials
  -g              let others reach what -L and -D listen on`

export const common = `  -h, --help      print this
  -V, --version   print the version`
