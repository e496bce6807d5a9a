// Where we differ from the judge: on purpose, or because the judge is another version or was patched by a distribution.
// Nothing else may differ.

import type { ConfigFiles, Question, Verdict } from './ssh-oracle.js'

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

const exceptions: readonly Exception[] = [
  {
    reason: 'Match lines are split into words like all others since OpenSSH 10',
    covers: ({ files }) =>
      Object.values(files).some((file) => {
        const text = typeof file === 'string' ? file : Buffer.from(file.text).toString()
        return /^\s*match\b.*(['\\]|""|=.*=|\b(all|canonical|final)=)/im.test(text)
      }),
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
    covers: ({ theirs, ours }) => /too many/.test(ours.messages) && !/[Tt]oo many/.test(theirs.messages),
  },
  {
    reason: 'we do not excuse unknown words by an IgnoreUnknown line that is itself refused',
    covers: ({ theirs, ours }) =>
      !theirs.accepted && !ours.accepted && /ignoreunknown (extra|empty)/.test(theirs.messages),
  },
  {
    reason: 'a gateway that is the host itself is refused by the route, which also sees longer loops',
    covers: refusedThere(/^jumphost loop via /m),
  },
  {
    reason: 'names that the caller gives are checked where they enter, before any configuration is asked',
    covers: refusedThere(/^parse_jump: invalid (host|user)name /m),
  },
  {
    reason: 'to go into the background is nothing that we do',
    covers: refusedThere(/^Cannot fork into background without a command/m),
  },
  {
    reason: 'a command of the caller and a RemoteCommand are weighed by whoever runs one',
    covers: refusedThere(/^Cannot execute command-line and remote command/m),
  },
  {
    reason: 'ProxyUseFdpass is refused where a command is to be run as a gateway, whatever the command is',
    covers: refusedThere(/^ProxyCommand=- and ProxyUseFDPass are incompatible/m),
  },
]

/** The reason why the two may differ here. */
export function exceptionFor(differing: Differing): string | undefined {
  return exceptions.find(({ covers }) => covers(differing))?.reason
}

/** Keywords that patches of Debian add; others do not print them. */
const patchedIn = new Set([
  'gssapikeyexchange',
  'gssapitrustdns',
  'gssapirenewalforcesrekey',
  'gssapikexalgorithms',
])

/** The lines of both sides that are to be equal. */
export function comparedLines(
  theirs: readonly string[],
  ours: readonly string[],
): { readonly theirs: readonly string[]; readonly ours: readonly string[] } {
  const printed = new Set(theirs.map(keywordOf))
  return {
    theirs: withoutRepetition(theirs),
    ours: ours.filter((line) => printed.has(keywordOf(line)) || !patchedIn.has(keywordOf(line))),
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

/**
 * Those of our places that ssh must name, too. We name the problems of all files; ssh goes no further than the first
 * file that has some, and a few kinds of them end it at once.
 */
export function strictPlaces(theirs: Verdict, ours: Verdict): readonly string[] {
  const [, ended] = /^(.+): terminating, \d+ bad configuration options$/m.exec(theirs.messages) ?? []
  return ended === undefined ? [] : ours.places.filter((place) => place.startsWith(`${ended}:`))
}
