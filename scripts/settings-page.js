// The text of docs/settings.md: each setting with the words of its comment in the interface, and each keyword of
// ssh_config(5) with what it does here.

/** The comment and the type of each setting, from the source of the interface `Settings`. */
export function readInterface(source) {
  const [, body] = /^export interface Settings \{\n([\s\S]*?)^\}/m.exec(source) ?? []
  if (body === undefined) throw new Error('src/config/settings.ts has no interface Settings')
  const rows = body.matchAll(/(?:^ {2}\/\*\*([\s\S]*?)\*\/\n)?^ {2}readonly (\w+): ([^\n]+)$/gm)
  return new Map(
    [...rows].map(([, comment = '', name, type]) => [
      name,
      {
        doc: comment
          .replace(/^ *\* ?/gm, ' ')
          .replace(/\s+/g, ' ')
          .trim(),
        type: typeText(type),
      },
    ]),
  )
}

function typeText(type) {
  return type
    .replace(/ \| undefined$/, '')
    .replace(/\breadonly (\w+\[\])/g, '$1')
    .replace(/^Readonly<(.*)>$/, '$1')
}

const groups = {
  honoured: 'What has its effect here. Where there is a setting of the keyword, that one says how.',
  'no effect': 'What concerns things that this library does not do. The route lists those that a host has.',
  refused:
    'What it would be less safe to ignore than ssh is with it. Its use is an error, or a warning where the sentence says so.',
}

/** The whole page. */
export function settingsPage({
  settingNames,
  settingsTable,
  findEnvironmentName,
  keywordNames,
  keywords,
  source,
}) {
  const comments = readInterface(source)
  const settingByKeyword = new Map(
    settingNames.map((name) => [settingsTable[name].keyword?.toLowerCase(), name]),
  )

  const section = (name) => {
    const row = settingsTable[name]
    const { doc, type } = comments.get(name)
    const variable = findEnvironmentName(name)
    const facts = [
      `\`${type}\``,
      `default ${defaultText(row)}`,
      row.keyword === undefined ? undefined : `ssh_config \`${row.keyword}\``,
      variable === undefined ? undefined : `\`${variable}\``,
      row.gathers ? 'all sources add to it' : undefined,
      row.programOnly ? 'from a program only' : undefined,
      row.secret ? 'never shown' : undefined,
    ]
    return `### ${name}\n\n${facts.filter((fact) => fact !== undefined).join(' · ')}\n\n${doc}\n`
  }

  const keywordRow = (name) => {
    const { aliases = [], doc } = keywords[name]
    const setting = settingByKeyword.get(name.toLowerCase())
    const also = aliases.length === 0 ? '' : ` (also ${aliases.join(', ')})`
    const link = setting === undefined ? '' : ` See [${setting}](#${setting.toLowerCase()}).`
    return `| \`${name}\`${also} | ${doc.replaceAll('|', '\\|')}${link} |`
  }

  const keywordTables = Object.entries(groups).map(([group, meaning]) => {
    const rows = keywordNames
      .filter((name) => keywords[name].group === group)
      .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
      .map(keywordRow)
    return `### ${group[0].toUpperCase()}${group.slice(1)}\n\n${meaning}\n\n| Keyword | Here |\n| --- | --- |\n${rows.join('\n')}\n`
  })

  return `# Settings

What can be said about one hop, in the names of ssh with a small letter first: as an option of a program, in a
configuration file, in the environment where a variable is named, and in ssh_config where a keyword is. The first source
that has a value wins, in this order: option or flag, ssh_config, environment, project file, user file, system file,
default. This page is generated from \`src/config/settings.ts\` and \`src/config/ssh-config/keywords.ts\`.

Times are milliseconds for a program; as text they may have ssh's units (\`30s\`, \`1m30s\`).

## Settings of a hop

${settingNames.map(section).join('\n')}
## Keywords of ssh_config

Every keyword that the current OpenSSH knows is read as OpenSSH reads it, in whatever block it stands. What it does here
is one of three things.

${keywordTables.join('\n')}`
}

function defaultText({ default: value, defaultText: text }) {
  if (text !== undefined) return text
  if (value === undefined) return 'none'
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map((entry) => `\`${entry}\``).join(', ')
  if (typeof value === 'object')
    return Object.keys(value).length === 0 ? 'none' : `\`${JSON.stringify(value)}\``
  return typeof value === 'string' ? `\`${value}\`` : String(value)
}
