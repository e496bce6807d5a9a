// What --help prints. Each page fits a screen and ends in something that can be typed.

import type { HelpPage } from './command-line.js'
import {
  common,
  connectionFlags,
  filesHostFlags,
  forwardFlags,
  hostFlags,
  hostLetters,
  ownConfigFlags,
  transferFlags,
} from './help-flags.js'

const pages: Readonly<Record<HelpPage | 'sallyport', string>> = {
  sallyport: `sallyport: SSH connections through gateways, every hop verified

usage: sallyport run [options] host -- command
       sallyport run [options] -H host,host,@file -- command
       sallyport shell [options] host
       sallyport put [options] file... host:[path]
       sallyport get [options] host:path... [file]
       sallyport forward [options] host
       sallyport nc [options] gateway host port
       sallyport check | route | config [options] host
       sallyport map | demo [options]

commands:
  run             run a command on a host, whose output and exit code it gives; or on many
  shell           open an interactive shell on a host
  put, get        copy files to a host, or from one
  forward         open forwards through a host, stay, and show what goes through them
  nc              join standard input and output with a stream through a gateway
  check           connect to a host and its gateways, and show every step and its time
  route           show how a host is reached and where each setting is from; connects to no host
  config          print what ssh_config says about a host, as ssh -G does
  map             draw every host that is configured and how it is reached
  demo            show routes, times and refusals on a network inside this process

options:
${common}

Options of a command stand before the host, or the files; sallyport run --help lists them.

example:
  sallyport run -J ops@gateway.example.com db.internal -- uptime
`,
  run: `usage: sallyport run [options] host -- command

Runs a command on a host, directly or through gateways. Standard input goes to the command
unless it is a terminal; standard output is the command's and nothing else. Exits as the command
did, with 255 when there was no exit status, and with 2 when the command line cannot be used.

options, as those of ssh; what -o, -l, -p, -i and -A say is for the host and not its gateways:
${connectionFlags}
${forwardFlags}
  -t              run on a terminal; -tt even where there is none here
  -T              run without a terminal, the default
  -n              give the command no standard input
  -H hosts        run on many hosts: sallyport run -H hosts --help lists what goes with it
${common}

example:
  sallyport run -J ops@gateway.example.com,inner-gw:2200 db.internal -- 'pg_dump app | gzip' >app.gz
`,
  'run -H': `usage: sallyport run -H hosts [options] -- command

Runs a command on many hosts. Each line of output begins with its host; what would steer a terminal
is made visible. The commands get no standard input. Exits with 0 when all have succeeded, with 1
when any has failed or was skipped, with 2 when the command line cannot be used, and with 255 when
nothing could be begun. Ctrl-C once begins nothing more, twice ends all; then it exits with 130.

options, besides those of sallyport run that say how each host is reached:
  -H hosts        web1,ops@web2:2200; @file has one on each line, @- standard input;
                  %web is a group of sallyport's own configuration; may be repeated
  --parallel n    so many at once; 50 by default
  --waves a,b     first a hosts, when they have ended b at a time; as in 1,10%
  --stop-after-failures n
                  begin nothing more after so many failures
  --timeout s     seconds for each host, from its turn to the end of its command
  --output-dir d  write each host's output as it is to files in this directory; print none
  --json          print one line of JSON for each host, and one for all
${common}

example:
  sallyport run -H web1,web2 -H @hosts.txt --parallel 20 -- uptime
`,
  shell: `usage: sallyport shell [options] host

Joins this terminal to a shell on a host, directly or through gateways. Exits as the shell did,
with 255 when there was no exit status, and with 2 when the command line cannot be used.

options, as those of ssh; what -o, -l, -p, -i and -A say is for the host and not its gateways:
${connectionFlags}
${forwardFlags}
  -N              no shell: forwards only, until interrupted
  -W host:port    no shell: join standard input and output with a stream to there, or to /path
${common}

example:
  sallyport shell -J ops@gateway.example.com db.internal
`,
  put: `usage: sallyport put [options] file... host:[path]

Copies files to a host, as scp does; - is standard input. Each file is there whole or not at all.
A path without a leading / is in the home directory there; a name here with a colon is ./a:b.
Exits with 1 when a file failed, with 255 without a connection, with 2 when this cannot be used.

options, as those of scp; what -o, -l, -P, -i and -A say is for the host and not its gateways:
${filesHostFlags}
  -v              tell each hop's phases and times; -vv tells more
${transferFlags}
${common}

example:
  sallyport put -rp -J ops@gateway.example.com site/ notes.txt db.internal:/srv/www
`,
  get: `usage: sallyport get [options] host:path... [file]

Copies files from a host, as scp does, into this directory unless a file or directory is named; -
is standard output. Each file is there whole or not at all. A path that does not begin with / is in
the home directory there; one here with a colon is written ./a:b.
Exits with 1 when a file failed, with 255 without a connection, with 2 when this cannot be used.

options, as those of scp; what -o, -l, -P, -i and -A say is for the host and not its gateways:
${filesHostFlags}
  -v              tell each hop's phases and times; -vv tells more
${transferFlags}
${common}

example:
  sallyport get -J ops@gateway.example.com db.internal:/var/log/app.log .
`,
  forward: `usage: sallyport forward [options] host

Opens forwards through a host, those of ssh_config too, and stays until interrupted. On a terminal
each has a line that lives: its connections, open and in all, bytes sent and received, and rates.
Elsewhere a line is printed for each thing that happens. A host that is lost is connected to again.

options, as those of ssh; what -o, -l, -p, -i and -A say is for the host and not its gateways:
${connectionFlags}
${forwardFlags}
  --json          print one line of JSON for each thing that happens
${common}

example:
  sallyport forward -L 5432:db.internal:5432 -D 1080 ops@gateway.example.com
`,
  nc: `usage: sallyport nc [options] gateway host port
       sallyport nc [options] gateway /path

Joins standard input and output with a stream from a gateway to a host and port, or to a unix socket
there. The gateway finds the host's name. Exits with 0 when both sides have ended, with 255 when
there is no stream, and with 2 when the command line cannot be used.

options, as those of ssh; what -o, -l, -p, -i and -A say is for the gateway:
${connectionFlags}
${common}

example:
  ssh -o ProxyCommand='sallyport nc ops@gateway.example.com %h %p' db.internal
`,
  check: `usage: sallyport check [options] host

Connects to each gateway in turn and to the host, and shows what every step found and how long it
took: name, address, version, algorithms, host key and the known_hosts line that vouches for it,
the keys and passwords tried. Runs nothing on the host. Exits with 0 when the whole route works,
with 255 when it does not, and with 2 when the command line cannot be used.

options, as those of ssh; what -o, -l, -p, -i and -A say is for the host and not its gateways:
${connectionFlags}
  --json          print one JSON document in place of the text
${common}

example:
  sallyport check -J ops@gateway.example.com db.internal
`,
  route: `usage: sallyport route [options] host

Shows the way to a host, hop by hop: how each hop is reached, every setting that is no default,
where it is written and what it beats. Connects to no host; runs Match exec, as ssh does, and looks
names up where CanonicalizeHostname asks for it. Secrets are not shown. Exits with 0, with 255 when
a configuration file is wrong, and with 2 when the command line cannot be used.

options, as those of ssh; what -o, -l, -p, -i and -A say is for the host and not its gateways:
${hostFlags}
  --json          print one JSON document in place of the text
  --ssh           print the command line by which ssh goes the same way, quoted for sh
${common}

example:
  sallyport route --ssh -J ops@gateway.example.com db.internal
`,
  config: `usage: sallyport config [options] host

Prints what ssh_config says about a host in the format of ssh -G, so that diff can compare the
two. Configuration of sallyport's own does not count: sallyport route shows what comes of all.
Exits with 0, with 255 when a file is wrong, and with 2 when the command line cannot be used.

options, as those of ssh:
${hostLetters}
  --origins       add to each value a comment that says where it is written
${common}

example:
  diff <(ssh -G db.internal) <(sallyport config db.internal)
`,
  map: `usage: sallyport map [options]

Draws every host that the configuration names and how it is reached. Connects to no host, runs no
command (a Match exec counts as not fulfilled), and looks names up only where CanonicalizeHostname
asks for it. A host that has no route stands in the picture with the reason, which is a warning,
too. Exits with 0, with 255 when a configuration file is wrong or the picture cannot be written,
and with 2 when the command line cannot be used.

options:
  --format name   svg, the default; html, a page to search and click in; mermaid; or json
  --output file   write to this file; its name says the format where --format does not
  -F file         read this ssh_config in place of yours and the system's; or none
${ownConfigFlags}
${common}

example:
  sallyport map --output hosts.html
`,
  demo: `usage: sallyport demo

Starts gateways and internal hosts inside this process, and shows: a way through two gateways, a
way through a ProxyCommand, a changed host key that is refused, and a loop that is refused.
Nothing leaves this machine. In colour on a terminal, unless NO_COLOR is set.

options:
${common}

example:
  sallyport demo
`,
}

/** The page of a command, or that of the program. */
export function helpPage(command: HelpPage | undefined): string {
  return pages[command ?? 'sallyport']
}
