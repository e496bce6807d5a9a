// First wins, and what gathers instead; values of several places.

import { keywordValues } from '../../support/random-config-values.js'
import { judgeTable } from './judge-table.js'

judgeTable(
  'of two values the one wins, or both are kept, as in ssh',
  [...keywordValues].map(([keyword, { usual }]) => {
    const [first = 'yes', second = 'no', third = 'no'] = usual
    const lines = [
      `Host a b\n${keyword} ${second}`,
      `Host a\n${keyword} ${first}\n${keyword} ${first}`,
      `Host *\n${keyword} ${third}`,
    ]
    const system = `Host c a\n${keyword} ${first}`
    return [
      keyword,
      {
        files: { '~/.ssh/config': lines.join('\n'), '/etc/ssh/ssh_config': system },
        ask: [{ host: 'a' }, { host: 'b' }, { host: 'c' }],
      },
    ]
  }),
)

judgeTable('lists gather as in ssh', [
  ['identities', 'IdentityFile /a\nIdentityFile /b\nIdentityFile /a\nIdentityFile /c'],
  ['identities and none', 'IdentityFile none\nIdentityFile /a'],
  ['none after identities', 'IdentityFile /a\nIdentityFile none'],
  ['only none', 'IdentityFile none'],
  ['none in capitals', 'IdentityFile NONE'],
  ['identities in two forms', 'IdentityFile ~/.ssh/x\nIdentityFile %d/.ssh/x'],
  ['certificates', 'CertificateFile /a\nCertificateFile /b\nCertificateFile /a\nCertificateFile none'],
  ['local forwards', 'LocalForward 1 a:1\nLocalForward 2 b:2\nLocalForward 1 a:1\nLocalForward 1 c:1'],
  ['remote forwards', 'RemoteForward 1 a:1\nRemoteForward 1\nRemoteForward 0 b:2\nRemoteForward 1 a:1'],
  ['dynamic forwards', 'DynamicForward 1\nDynamicForward 2\nLocalForward 3 a:1\nDynamicForward 1'],
  [
    'forwards that are cleared',
    'LocalForward 1 a:1\nRemoteForward 2 b:1\nDynamicForward 3\nClearAllForwardings yes',
  ],
  ['environment', 'SendEnv A\nSendEnv B C\nSendEnv A\nSendEnv D*'],
  ['environment taken back', 'SendEnv A B LC_ONE LC_TWO\nSendEnv -LC_* B\nSendEnv LC_ONE'],
  ['environment taken back before', 'SendEnv -A\nSendEnv A'],
  ['environment taken back altogether', 'SendEnv A B\nSendEnv -*\nSendEnv C'],
  ['environment taken back by a pattern of a pattern', 'SendEnv LC_* LANG\nSendEnv -LC_*'],
  ['environment taken back by a question mark', 'SendEnv AB AC B\nSendEnv -A?'],
  ['SetEnv', 'SetEnv A=1\nSetEnv B=2\nHost *\nSetEnv C=3'],
  ['SetEnv of one line', 'SetEnv A=1 B=2 A=3'],
  ['SetEnv before SendEnv', 'SetEnv A=1\nSendEnv A'],
  ['known hosts', 'UserKnownHostsFile /a /b\nUserKnownHostsFile /c\nGlobalKnownHostsFile /d'],
  ['canonical domains', 'CanonicalDomains one.test\nCanonicalDomains two.test'],
  ['permitted CNAMEs', 'CanonicalizePermittedCNAMEs a:b\nCanonicalizePermittedCNAMEs c:d'],
  ['permitted opens', 'PermitRemoteOpen a:1\nPermitRemoteOpen b:2'],
  ['IgnoreUnknown', 'IgnoreUnknown One\nIgnoreUnknown Two\nOne x\nPort 23'],
  ['IgnoreUnknown that is not the first', 'IgnoreUnknown One\nIgnoreUnknown Two\nTwo x'],
  ['IgnoreUnknown after', 'One x\nIgnoreUnknown One'],
  ['IgnoreUnknown in a block that does not apply', 'Host b\nIgnoreUnknown One\nHost a\nOne x'],
  ['IgnoreUnknown in a block, the word outside', 'Host a\nIgnoreUnknown One\nHost b\nOne x'],
  ['IgnoreUnknown with a wildcard', 'IgnoreUnknown O*,T?o\nOne x\nTWO "y\nOnce'],
  ['IgnoreUnknown with a negation', 'IgnoreUnknown *,!Two\nOne x\nTwo x'],
  ['IgnoreUnknown and a known word', 'IgnoreUnknown *\nPort x'],
  ['IgnoreUnknown and a word without a value', 'IgnoreUnknown *\nNothing'],
  ['IgnoreUnknown in other letters', 'IgnoreUnknown nosuchthing\nNoSuchThing x'],
  ['IgnoreUnknown with capitals', 'IgnoreUnknown NoSuchThing\nnosuchthing x'],
  ['IgnoreUnknown with two words', 'IgnoreUnknown One Two\nOne x'],
  ['IgnoreUnknown and an unsupported word', 'IgnoreUnknown *\nRSAAuthentication yes\nCipher 3des'],
  ['log verbosity', 'LogVerbose a b\nLogVerbose c'],
  ['rekeying', 'RekeyLimit 1G\nRekeyLimit 2G 1h'],
  ['quality of service', 'IPQoS af21\nIPQoS cs1 cs2'],
  ['algorithms', 'Ciphers aes128-ctr\nCiphers +3des-cbc\nMACs -umac*\nMACs ^hmac-sha1'],
  ['agent times', 'AddKeysToAgent confirm 5m\nAddKeysToAgent yes'],
  [
    'control',
    'ControlMaster auto\nControlPersist 10m\nControlPersist no\nControlPath ~/%C\nControlPath none',
  ],
  ['X11', 'ForwardX11 yes\nForwardX11Trusted no\nForwardX11Timeout 0'],
  ['words of former days', 'KeepAlive no\nTCPKeepAlive yes\nDSAAuthentication no\nPubkeyAuthentication yes'],
  [
    'aliases',
    'ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes\nIdentityFile2 /a\nIdentityFile /b',
  ],
  [
    'deprecated words',
    'Protocol 2\nUseRoaming no\nFallBackToRsh no\nCipher x\nUsePrivilegedPort no\nPort 23',
  ],
  ['unsupported words', 'RSAAuthentication yes\nRhostsRSAAuthentication x\nCompressionLevel 6\nPort 23'],
  ['unsupported words without a value', 'RSAAuthentication\nPort 23'],
  ['deprecated words without a value', 'Protocol\nPort 23'],
  ['100 identities', Array.from({ length: 100 }, (_, index) => `IdentityFile /k${index}`).join('\n')],
  ['101 identities', Array.from({ length: 101 }, (_, index) => `IdentityFile /k${index}`).join('\n')],
  ['101 certificates', Array.from({ length: 101 }, (_, index) => `CertificateFile /k${index}`).join('\n')],
  [
    '101 identities in a block that does not apply',
    `Host b\n${Array.from({ length: 101 }, (_, index) => `IdentityFile /k${index}`).join('\n')}`,
  ],
  ['40 known hosts files', `UserKnownHostsFile${' /f'.repeat(40)}`],
  ['300 forwards', Array.from({ length: 300 }, (_, index) => `LocalForward ${index + 1} a:1`).join('\n')],
])
