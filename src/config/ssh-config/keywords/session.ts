// Keywords about the session and about ssh itself: commands, the terminal, the environment, sharing, logs; and those
// that give a file its structure.

import type { Keyword } from '../keyword.js'
import { one, restOfLine } from '../values/arity.js'
import { controlMaster, flag, requestTty, sessionType } from '../values/choice.js'
import { gatherNames } from '../values/joins.js'
import { keystrokeInterval, logVerbose } from '../values/lists.js'
import { logLevel, syslogFacility } from '../values/log.js'
import { escapeChar } from '../values/terminal.js'
import { controlPersist } from '../values/time.js'
import { sendEnv, setEnv } from '../values/variables.js'

const notShared = 'Connections are shared within a program, not between programs.'
const notLogged = 'A program chooses what it logs, and where.'

export const sessionKeywords = {
  Host: { read: ({ words }) => words, group: 'honoured', doc: 'Begins a block for hosts.' },
  Match: { read: ({ rest }) => [rest], group: 'honoured', doc: 'Begins a block with conditions.' },
  Include: { read: ({ words }) => words, group: 'honoured', doc: 'Reads further files.' },
  IgnoreUnknown: {
    read: one(),
    group: 'honoured',
    doc: 'Patterns of keywords that are no error when they are not known.',
  },
  ControlMaster: { read: one(controlMaster), group: 'no effect', doc: notShared },
  ControlPath: { read: one(), group: 'no effect', doc: notShared },
  ControlPersist: { read: one(controlPersist), group: 'no effect', doc: notShared },
  EnableEscapeCommandline: {
    read: one(flag),
    group: 'no effect',
    doc: 'A session has no escape character.',
  },
  EnableSSHKeysign: {
    read: one(flag),
    group: 'no effect',
    doc: 'Authentication by the host is not supported here.',
  },
  EscapeChar: { read: one(escapeChar), group: 'no effect', doc: 'A session has no escape character.' },
  ForkAfterAuthentication: {
    read: one(flag),
    group: 'no effect',
    doc: 'Nothing goes to the background.',
  },
  LocalCommand: { read: restOfLine, group: 'no effect', doc: 'No local command is run.' },
  LogLevel: { read: one(logLevel), group: 'no effect', doc: notLogged },
  LogVerbose: { read: logVerbose, group: 'no effect', doc: notLogged },
  ObscureKeystrokeTiming: {
    read: one(keystrokeInterval),
    group: 'no effect',
    doc: 'The times of keystrokes are not obscured.',
  },
  PermitLocalCommand: { read: one(flag), group: 'no effect', doc: 'No local command is run.' },
  RemoteCommand: {
    read: restOfLine,
    group: 'honoured',
    doc: 'What a shell runs in place of the login shell; as with ssh, no other command can be run then.',
  },
  RequestTTY: {
    read: one(requestTty),
    group: 'honoured',
    doc: 'Whether a shell gets a terminal, and with `force` a command.',
  },
  SendEnv: {
    read: sendEnv,
    join: gatherNames,
    group: 'honoured',
    doc: 'Variables of the local environment to send.',
  },
  SessionType: {
    read: one(sessionType),
    group: 'honoured',
    doc: 'With `none` and `subsystem`, for which ssh runs no command, commands and shells are refused; sockets and forwards are not.',
  },
  SetEnv: { read: setEnv, group: 'honoured', doc: 'Variables and values to send.' },
  StdinNull: {
    read: one(flag),
    group: 'refused',
    doc: 'A program chooses what it sends, and `run` reads standard input but with `-n`; a warning says so.',
  },
  SyslogFacility: {
    read: one(syslogFacility),
    everywhere: true,
    group: 'no effect',
    doc: notLogged,
  },
} satisfies Record<string, Keyword>
