// Where we differ from the judge: on purpose, or because the judge is another version or was patched by a distribution.
// Nothing else may differ. The judge is Debian's ssh.

import type { ConfigFile, ConfigFiles, Question, Verdict } from './ssh-oracle.js'

/** A case in which the two sides may differ. */
export interface Differing {
  readonly files: ConfigFiles
  readonly question: Question
  readonly theirs: Verdict
  readonly ours: Verdict
}

interface Exception {
  readonly reason: string
  readonly covers: (differing: Differing) => boolean
}

const refusedThere = (pattern: RegExp) => (differing: Differing) =>
  !differing.theirs.accepted && differing.ours.accepted && pattern.test(differing.theirs.messages)

/** Both refuse it, and what we say besides is of one kind. */
const toldBesides =
  (pattern: RegExp) =>
  ({ theirs, ours }: Differing): boolean => {
    const besides = strictPlaces(theirs, ours).filter((place) => !theirs.places.includes(place))
    const lines = ours.messages.split('\n').filter((line) => pattern.test(line))
    return (
      !theirs.accepted &&
      !ours.accepted &&
      theirs.places.every((place) => ours.places.includes(place)) &&
      besides.length > 0 &&
      besides.every((place) => lines.some((line) => line.startsWith(`${place}: `)))
    )
  }

const exceptions: readonly Exception[] = [
  {
    reason: 'Match lines are split into words like all others since OpenSSH 10',
    covers: ({ files }) => Object.values(files).some((file) => hasOddMatch(textOf(file))),
  },
  {
    reason: 'the token %j is there since OpenSSH 9.6',
    covers: refusedThere(/unknown key %j/),
  },
  {
    reason: 'Debian accepts a file that the user’s own group can write',
    covers: ({ files, theirs, ours }) =>
      theirs.accepted &&
      !ours.accepted &&
      Object.values(files).some((file) => typeof file !== 'string' && file.mode === 0o620),
  },
  {
    reason: 'we count the files of a list also where the line does not apply',
    covers: (differing) =>
      toldBesides(/: too many files$/)(differing) ||
      (differing.theirs.accepted && /: too many files$/.test(differing.ours.messages)),
  },
  {
    reason: 'an IgnoreUnknown that is itself refused excuses nothing; ssh takes its first word',
    covers: (differing) =>
      /ignoreunknown (extra|empty)/.test(differing.theirs.messages) &&
      toldBesides(/: bad configuration option /)(differing),
  },
  {
    reason:
      'we tell of the tokens of HostName together with what is wrong with lines; ssh comes to them later',
    covers: toldBesides(/: HostName has /),
  },
  {
    reason: 'a gateway that is the host itself is refused by the route, which also sees longer loops',
    covers: refusedThere(/^jumphost loop via /m),
  },
  {
    reason: 'a user that a shell could misread is refused by the route, wherever it comes from',
    covers: refusedThere(/^remote username contains invalid characters/m),
  },
  {
    reason: 'names that the caller gives are checked where they enter, before any configuration is asked',
    covers: ({ theirs }) => /^parse_jump: invalid (host|user)name /m.test(theirs.messages),
  },
  {
    reason:
      'a file without an end to its includes, or that cannot be used, is all that we tell of; ssh tells of errors before it',
    covers: ({ theirs, ours }) =>
      !theirs.accepted &&
      !ours.accepted &&
      (ours.places.length === 0 || /included more than \d+ deep/.test(ours.messages)),
  },
  {
    reason: 'we read `ProxyJump none # comment` as none; ssh makes it a host of that name',
    covers: ({ files, question: { jump, options = [] } }) =>
      [...Object.values(files).map(textOf), ...options, `ProxyJump=${jump}`].some((text) =>
        /^\s*proxyjump[\s=]+none[ \t]+(#.*)?$/im.test(text),
      ),
  },
  {
    reason: 'what can only be an address is not looked up; ssh does so for CanonicalizePermittedCNAMEs',
    covers: refusedThere(/^ssh: Could not resolve hostname (\S*[%:]\S*|[0-9.]+): /m),
  },
  {
    reason: 'a value that a shell might take for more than a word does not come into a command',
    covers: ({ ours }) => /is not safe in a shell command/.test(ours.messages),
  },
  {
    reason: 'whether the socket of an agent is there is seen when it is needed',
    covers: refusedThere(/^Cannot forward agent socket path/m),
  },
  {
    reason: 'what is to run, and whether it goes with the configuration, is weighed by whoever runs it',
    covers: refusedThere(
      /^(Cannot fork into background without a command|Cannot execute command-line and remote command|You must specify a subsystem)/m,
    ),
  },
  {
    reason: 'ProxyUseFdpass is refused where a command is to be run as a gateway, whatever the command is',
    covers: refusedThere(/^ProxyCommand=- and ProxyUseFDPass are incompatible/m),
  },
]

function textOf(file: string | ConfigFile): string {
  return typeof file === 'string' ? file : Buffer.from(file.text).toString()
}

// Single quotes, backslashes, empty words, and equals signs where no argument is taken or after an argument.
function hasOddMatch(text: string): boolean {
  return /^\s*match\b.*(['\\]|""|\b(all|canonical|final)=|\w=[^\s"=]+=)/im.test(text)
}

/** The reason why the two may differ here. */
export function exceptionFor(differing: Differing): string | undefined {
  return exceptions.find(({ covers }) => covers(differing))?.reason
}

/** The lines of both sides that are to be equal. */
export function comparedLines(
  theirs: readonly string[],
  ours: readonly string[],
): { readonly theirs: readonly string[]; readonly ours: readonly string[] } {
  return {
    theirs: withSortedDynamic(withoutRepetition(theirs)),
    ours: withSortedDynamic(ours),
  }
}

function keywordOf(line: string): string {
  return line.split(' ', 1)[0] ?? ''
}

// ssh keeps a file twice that the user's and the system's configuration name.
function withoutRepetition(lines: readonly string[]): readonly string[] {
  return lines.filter(
    (line, index) => !/^(identity|certificate)file$/.test(keywordOf(line)) || lines.indexOf(line) === index,
  )
}

// ssh prints a local forward to a socket as a dynamic one, too, in the order of the file; which order that is among
// forwards of both kinds, nobody needs to know.
function withSortedDynamic(lines: readonly string[]): readonly string[] {
  const isDynamic = (line: string) => keywordOf(line) === 'dynamicforward'
  const at = lines.findIndex(isDynamic)
  return at < 0
    ? lines
    : lines.filter((line) => !isDynamic(line)).toSpliced(at, 0, ...lines.filter(isDynamic).toSorted())
}

/**
 * Those of our places that ssh must name, too. We name the problems of all files; ssh goes no further than the first
 * file that has some, and a few kinds of them end it at once.
 */
export function strictPlaces(theirs: Verdict, ours: Verdict): readonly string[] {
  const [, ended] = /^(.+): terminating, \d+ bad configuration options$/m.exec(theirs.messages) ?? []
  return ended === undefined ? [] : ours.places.filter((place) => place.startsWith(`${ended}:`))
}
