// What looks like a secret in a text, and what only looks as if it did.

import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { settingNames } from '../../src/config/settings.js'
import { keywordNames } from '../../src/config/ssh-config/keywords.js'
import { quote } from '../../src/exec/command.js'
import { isSecretName, isSecretOption } from '../../src/secret-name.js'
import { hidden, withoutSecrets, withoutSecretWords } from '../../src/secret-text.js'

const commands = [
  'ncat --proxy-auth user:hunter2 --proxy p:3128 %h %p',
  'ncat --proxy-auth=user:hunter2 --proxy p:3128 %h %p',
  'AWS_SECRET_ACCESS_KEY=hunter2 aws ssm start-session --target %h',
  'env SSHPASS=hunter2 sshpass -e ssh -W %h:%p gw',
  'sh -c "PGPASSWORD=hunter2 proxy %h %p"',
  `sh -c 'sshpass -p hunter2 ssh -W %h:%p gw'`,
  `sh -c "sshpass -p 'hunter2 hunter2' ssh -W %h:%p gw"`,
  `sh -c "sshpass -p \\"hunter2 hunter2\\" ssh -W %h:%p gw"`,
  'sshpass -p hunter2 ssh -W %h:%p gw',
  'sshpass -phunter2 ssh -W %h:%p gw',
  'sshpass -v -P word -p hunter2 ssh -W %h:%p gw',
  'sshpass -vp hunter2 ssh -W %h:%p gw',
  '/usr/bin/sshpass -p "hunter2 hunter2" ssh -W %h:%p gw',
  '(sshpass -p hunter2); nc %h %p',
  'true|sshpass -p hunter2 ssh -W %h:%p gw',
  'plink -pw hunter2 -nc %h:%p gw',
  'openssl s_client -pass pass:hunter2 -connect %h:%p',
  'curl --proxy http://user:hunter2@proxy %h',
  'curl --proxy http://hunter2@proxy %h',
  'curl -x user:hunter2@proxy:3128 %h',
  'curl -u user:hunter2 %h',
  'curl --proxy-user "user:hunter2 hunter2" %h',
  'curl -u user:"hunter2 hunter2" %h',
  'x -u API_TOKEN=a:hunter2 %h',
  'x -P --token hunter2 %h',
  'curl -u "user:hunter2 "hunter2 %h',
  'curl "http://proxy/?a=b&token=hunter2" %h',
  'ssh ssh://user:hunter2@gw -W %h:%p',
  'socat - PROXY:p:%h:%p,proxyport=3128,proxyauth=user:hunter2',
  'x --api-key hunter2 %h',
  'x --apikey=hunter2 %h',
  'x --access-key hunter2 %h',
  'x --passphrase hunter2 %h',
  'x --pass=hunter2 %h',
  'x --passwd "hunter2 hunter2" %h',
  'x --pw hunter2 %h',
  'x -token hunter2 %h',
  'x --auth --token hunter2 %h',
  'x --client-secret hunter2 %h',
  'x --password-hash hunter2 %h',
  'x --password="hunter2"hunter2\'hunter2 hunter2\' %h',
  'x "--password=hunter2 hunter2" %h',
  'x PASSWORD:hunter2 %h',
  'x --credentials hunter2 %h',
  'x -H "Authorization: Bearer hunter2" %h',
  "x -H 'Authorization: hunter2 hunter2' %h",
  'x -H "X-Api-Key: hunter2" %h',
  'x -H Authorization: Basic hunter2 %h',
  'x Authorization: hunter2 %h',
  'x --bearer Bearer hunter2 %h',
  'x API_TOKEN="hunter2 hunter2" %h',
  'x "API_TOKEN=hunter2 hunter2" %h',
  'x my.password=hunter2 %h',
  '%h --password hunter2',
  '%h --password "hunter2 hunter2',
]

describe('a secret', () => {
  test.each(commands)('in %s is hidden, and the rest is not', (command) => {
    const shown = withoutSecrets(command)
    expect(shown).not.toContain('hunter2')
    expect(shown).toContain(hidden)
    if (command.includes('%h') && !command.startsWith('sh -c "PGP')) expect(shown).toContain('%h')
    expect(withoutSecrets(shown)).toBe(shown)
  })

  test.each([
    [
      ['x', '--password', 'a b"c', '%h'],
      ['x', '--password', hidden, '%h'],
    ],
    [
      ['x', '--password=a b', '%h'],
      ['x', `--password=${hidden}`, '%h'],
    ],
    [
      ['sshpass', '-p', 'a b', 'ssh', '-p', '22'],
      ['sshpass', '-p', hidden, 'ssh', '-p', '22'],
    ],
    [
      ['x', '-H', 'Authorization: Bearer a b'],
      ['x', '-H', `Authorization: ${hidden}`],
    ],
    [
      ['sh', '-c', 'x --password a; y'],
      ['sh', '-c', `x --password ${hidden}; y`],
    ],
    [
      ['x', 'API_TOKEN=a;b c'],
      ['x', `API_TOKEN=${hidden}`],
    ],
  ])('in the list %j is hidden, and stays one word', (words, shown) => {
    expect(withoutSecretWords(words)).toEqual(shown)
  })

  test.each(commands.filter((command) => !command.endsWith('"hunter2 hunter2')))(
    'in %s leaves text that a shell can read',
    (command) => {
      expect(() =>
        execFileSync('sh', ['-n'], { input: withoutSecrets(command), stdio: 'pipe' }),
      ).not.toThrow()
    },
  )
})

describe('what is no secret is shown', () => {
  test.each([
    'nc -X connect -x proxy:3128 -P ops %h %p',
    'ssh -p 2222 -W %h:%p gw',
    'ssh -J gw:2222,ops@inner:22,ops@[2001:db8::1]:2200 -W %h:%p 2001:db8::2',
    'ssh -J ssh://ops@gw:2222 -W %h:%p inner',
    'ssh -i ~/.ssh/id_ed25519 -o IdentityFile=~/.ssh/key -o HostKeyAlias=gw -oHostKeyAlias=gw -W %h:%p gw',
    'ssh -o PasswordAuthentication=no -oPreferredAuthentications=publickey -o AddKeysToAgent=yes gw',
    'ssh -o "NumberOfPasswordPrompts 0" -o NumberOfPasswordPrompts=0 -oGSSAPIDelegateCredentials=yes gw',
    'SSH_AUTH_SOCK=/run/agent.sock SSH_ASKPASS=/bin/askpass KEYMAP=de XAUTHORITY=/x GIT_AUTHOR_NAME=me nc %h %p',
    'PWD=/ MONKEY=1 COMPASS=n BYPASS=1 TOKENIZERS_PARALLELISM=1 KEYBOARD=us nc %h %p',
    'sshpass -f ~/.pass -P assword ssh -p 22 gw',
    'sshpass -e ssh -p 22 gw',
    'gpg --passphrase-fd 3 --passphrase-file ~/.p --batch',
    'vault --token-file ~/.token --auth-method=ldap --no-password %h',
    'nc auth.example.com:443 token-server:22 key-vault:80 %h',
    'socat - PROXY:proxy:%h:%p,proxyport=3128',
    `x --password \${PROXY_PASSWORD} --token "\${TOKEN}" %h`,
    'x --password $(pass show proxy) %h',
    'aws ssm start-session --target %h --document-name AWS-StartSSHSession --parameters portNumber=%p',
    'curl https://example.com/a@b?c=d %h',
    `echo "it's here" \\" \\\\ 'a"b' a\\ b`,
    'docker run registry:5000/image -c 3',
    '',
    ' ',
  ])('%s', (text) => {
    expect(withoutSecrets(text)).toBe(text)
  })

  test('no keyword of ssh_config and no setting without a secret has a name that is suspected', () => {
    const suspected = keywordNames.filter((name) => isSecretName(name) || isSecretOption(`-o${name}`))
    expect(suspected).toEqual([])
    expect(settingNames.filter(isSecretName)).toEqual(['passphrase', 'password'])
  })
})

const units = ['a', ' ', '"', "'", '\\', '(', '%h', ';', '$', '\n']
const text = fc.string({ unit: fc.constantFrom(...units) })

test('any text without names is shown as it is, however it is quoted', () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(withoutSecrets(given)).toBe(given)
    }),
  )
})

test('a secret is hidden whatever characters it has, wherever a shell would take it as one word', () => {
  const forms = fc.constantFrom('--password ', '--password=', 'API_TOKEN=', 'x -pw ', 'sshpass -p', 'pass:')
  fc.assert(
    fc.property(text, forms, text, (before, form, after) => {
      const secret = `hunter2${after}hunter2`
      const shown = withoutSecrets(`${form}${quote(secret)} ${quote(before)} %h`)
      expect(shown).not.toContain('hunter2')
      expect(shown.endsWith(`${quote(before)} %h`)).toBe(true)
      expect(withoutSecretWords(['x', '--token', secret, before])).toEqual(['x', '--token', hidden, before])
    }),
  )
})

test.each([
  ['letters', 'a'],
  ['quotes', `"`],
  ['quotes in turn', `'"\\"`],
  ['backslashes', '\\'],
  ['names', 'a='],
  ['options', '--password '],
  ['URLs', 'a://'],
  ['logins', 'a:b,@'],
  ['colons', 'a:'],
  ['brackets', ')'],
  ['letters before a blank', 'pw-'],
])('a text of a million %s takes no time', (_, unit) => {
  const text = `PASSWORD=x ${unit.repeat(1_000_000 / unit.length)}! y`
  const begin = performance.now()
  withoutSecrets(text)
  expect(performance.now() - begin).toBeLessThan(5000)
})
