// Our answers to the questions that the judge is asked, in the judge's words.

import { userInfo } from 'node:os'
import { openSshConfig } from '../../src/config/ssh-config/open.js'
import { printSshConfig } from '../../src/config/ssh-config/print/print.js'
import { localAccount } from '../../src/config/ssh-config/tokens/local-account.js'
import { ConfigError } from '../../src/errors.js'
import type { Question, SshOracle, Verdict } from './ssh-oracle.js'

/** Our answers about the files that were written last. */
export async function askOurs(
  oracle: SshOracle,
  questions: readonly Question[],
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const question of questions) verdicts.push(await answer(oracle, question))
  return verdicts
}

async function answer(oracle: SshOracle, question: Question): Promise<Verdict> {
  const { home, addresses } = oracle.world
  const { host, user, port, jump, options = [], file, command } = question
  const env = { ...oracle.world.env, ...question.env }
  const account = {
    ...localAccount(env),
    home,
    findHomeOf: (name: string) => (name === userInfo().username ? home : undefined),
  }
  const config = openSshConfig({
    files: filesFor(oracle, file),
    systemFile: oracle.pathOf('/etc/ssh/ssh_config'),
    account,
    env,
    findName: async (name, { family }) => {
      const found = addresses.get(name)
      const isOfFamily = family === 0 || (family === 6) === found?.address.includes(':')
      return isOfFamily ? found?.canonicalName : undefined
    },
  })
  try {
    const answered = await config.lookUp({
      host,
      user,
      port,
      proxyJump: jump,
      command,
      directives: options.map((text) => ({ text, origin: '-o' })),
    })
    const lines = printSshConfig(answered, { local: account, env, command }).split('\n')
    return { accepted: true, lines: lines.filter((line) => line !== ''), places: [], messages: '' }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const origins = [error.origin ?? '', ...error.problems.map(({ origin }) => origin)]
    const places = origins.filter(hasPlace).map((origin) => placeOf(oracle, origin))
    const messages = error.problems.map(({ origin, message }) => `${origin}: ${message}`)
    return {
      accepted: false,
      lines: [],
      places: [...new Set(places)].sort(),
      messages: [error.message, ...messages].join('\n').replaceAll(`${oracle.world.etc}/`, '/etc/ssh/'),
    }
  }
}

function filesFor(oracle: SshOracle, file: string | undefined): 'default' | readonly string[] {
  if (file === undefined) return 'default'
  if (file.toLowerCase() === 'none') return []
  return [file.startsWith('~/') ? oracle.pathOf(file) : file]
}

// What is wrong with a whole file, or with none, has no place.
function hasPlace(origin: string): boolean {
  return /^-|:\d+$/.test(origin)
}

function placeOf({ world }: SshOracle, origin: string): string {
  if (origin.startsWith('-')) return 'command-line:0'
  return origin.replace(`${world.etc}/`, '/etc/ssh/')
}
