// THE table of error codes: what each one means and what to do about it. docs/errors.md is generated from it.

interface CodeEntry {
  /** What happened, in one sentence. */
  readonly cause: string
  /** What to do, in one sentence. */
  readonly remedy: string
  /** Trying again after a pause may succeed with nothing changed. */
  readonly retryable?: true
}

export const errorCodes = {
  INVALID_DESTINATION: {
    cause:
      'A host, user, port or address is empty, malformed, or has characters that are not allowed in a name.',
    remedy: 'Correct the text; write IPv6 addresses with a port as [address]:port.',
  },
  INVALID_OPTION: {
    cause: 'An option has a value that it cannot have, or two options contradict each other.',
    remedy: 'Correct the option that the message names.',
  },
  UNSUPPORTED_OPTION: {
    cause: 'An option was given that is not known or cannot be honoured; to ignore it would be unsafe.',
    remedy: 'Remove the option, or use one that the message or its hint names.',
  },
  CONFIG_INVALID: {
    cause:
      'A configuration file or a variable of the environment has a line, key or value that has no meaning.',
    remedy: 'Correct what the message names; all that was found is in `problems`.',
  },
  CONFIG_UNUSABLE: {
    cause: 'A configuration file cannot be read, is too large, or could have been written by others.',
    remedy: 'Check the file, its owner and its mode; the message says which.',
  },
  EXEC_DENIED: {
    cause: 'A configuration that is not trusted wants to run a command or to weaken a check.',
    remedy: 'Read the line that the message names, and allow it with allowExec if you trust the file.',
  },
  CONNECTION_NOT_ALLOWED: {
    cause: 'The configuration says RefuseConnection for this host.',
    remedy: 'See the message, which is the configuration’s own.',
  },
  GATEWAY_CONFLICT: {
    cause: 'Both kinds of gateway were asked for: a connection to jump through and a ProxyCommand.',
    remedy: 'Keep one of the two sources that the message names.',
  },
  GATEWAY_LOOP: {
    cause: 'The route comes back to a user, host and port that it has already visited.',
    remedy: 'Remove one of the gateways on the printed path.',
  },
  ROUTE_TOO_LONG: {
    cause: 'The route has more than 16 hops.',
    remedy: 'Shorten the chain; a chain this long is nearly always a mistake.',
  },
  UNSAFE_VALUE: {
    cause:
      'A host, user or other value would be put into a shell command but has characters that a shell may interpret.',
    remedy: 'Use the list form of the command, which needs no shell, or a plain name.',
  },
  UNKNOWN_TOKEN: {
    cause: 'A text has a percent token that its keyword does not take, as listed in ssh_config(5) TOKENS.',
    remedy: 'Use one of the tokens that the message names, or write %% for a percent sign.',
  },
  NAME_NOT_FOUND: {
    cause:
      'The host name could not be resolved, by this machine for the first hop, by the gateway for the others.',
    remedy: 'Check the spelling, and on which machine the name must be known.',
  },
  CONNECTION_REFUSED: {
    cause: 'The address answered that nothing listens on that port.',
    remedy: 'Check the port and that the server is running.',
  },
  CONNECTION_FAILED: {
    cause: 'No connection could be made to the address.',
    remedy: 'Check the network, the address and the firewalls on the way; the cause has the details.',
  },
  DIALER_FAILED: {
    cause: 'The dialer that was given as a gateway failed or gave something that is not a stream.',
    remedy: 'See the cause, which is what the dialer threw.',
  },
  PROXY_COMMAND_FAILED: {
    cause: 'The ProxyCommand could not be started, or ended before the connection was made.',
    remedy: 'Run the command by hand; its exit status and the end of its standard error are in the error.',
  },
  FORWARD_PROHIBITED: {
    cause: 'The gateway does not allow forwarding to this address.',
    remedy: 'Ask for AllowTcpForwarding and PermitOpen on the gateway, or use another gateway.',
  },
  DESTINATION_NOT_PERMITTED: {
    cause: 'A forward was asked for a destination that is not among those that it permits.',
    remedy: 'Permit the destination, if it is meant to be reached by this forward.',
  },
  PROXY_CLIENT_REFUSED: {
    cause:
      'A client of a dynamic forward had no valid user and password, asked for what is not offered, or spoke neither SOCKS nor HTTP CONNECT.',
    remedy: 'Check the settings of the client: the kind of proxy, its user and its password.',
  },
  LISTEN_FAILED: {
    cause: 'A forward could not listen on an address of this machine.',
    remedy: 'Choose an address that is free here; the cause is what the system says.',
  },
  FORWARD_REFUSED: {
    cause: 'The server refused to listen for a remote forward.',
    remedy: 'The port may be taken there; else ask for AllowTcpForwarding, GatewayPorts and PermitListen.',
  },
  PROXY_FAILED: {
    cause: 'A SOCKS or HTTP proxy on the way refused, failed, or does not speak its protocol.',
    remedy: 'Check the address of the proxy, its user and password, and what it lets through.',
  },
  GATEWAYS_FAILED: {
    cause: 'None of several gateways led to the host.',
    remedy: 'See what became of each one in the message and in the cause.',
  },
  CHANNEL_REFUSED: {
    cause: 'The server refused to open a channel or to start what was asked for on it.',
    remedy: 'For a session channel check MaxSessions on the server; otherwise see the server’s reason.',
  },
  TIMEOUT: {
    cause: 'A phase, or the whole call, took longer than its limit.',
    remedy: 'Check whether the named hop answers at all; raise the limit if it is only slow.',
  },
  ABORT_ERR: {
    cause: 'The caller aborted the call by its signal.',
    remedy: 'Nothing to mend; the cause is the signal’s reason.',
  },
  CLOSED: {
    cause: 'The connection was closed by this program while the call was waiting.',
    remedy: 'Close a connection only when its work is done.',
  },
  NOT_SSH: {
    cause: 'What answered is not an SSH 2.0 server.',
    remedy: 'Check the host and port; the start of what was received is in the message.',
  },
  PROTOCOL_ERROR: {
    cause: 'The peer broke the SSH or the SFTP protocol, or the data was damaged on the way.',
    remedy:
      'Check what stands between; the connection, or the SFTP session on it, cannot be trusted and was ended.',
  },
  NO_COMMON_ALGORITHM: {
    cause: 'The two sides share no key exchange, host key, cipher or MAC algorithm.',
    remedy: 'Update the server, or allow one of its algorithms explicitly.',
  },
  INSECURE_KEX: {
    cause: 'Strict key exchange was required and the server does not offer it (CVE-2023-48795).',
    remedy: 'Update the server, or drop the requirement for this host.',
  },
  SERVER_BUSY: {
    cause: 'The server dropped the connection before its version line, as sshd does beyond MaxStartups.',
    remedy: 'Try again after a pause, with fewer connections at once, or share one gateway connection.',
    retryable: true,
  },
  SERVER_REFUSED: {
    cause: 'The server ended the connection with a message, before or during the handshake.',
    remedy: 'See the server’s message in the error.',
  },
  CONNECTION_LOST: {
    cause: 'An established connection ended without being asked to.',
    remedy: 'Use the connection again to reopen it; the message names the hop that was lost.',
    retryable: true,
  },
  HOST_KEY_UNKNOWN: {
    cause: 'No known_hosts file has a key for this host.',
    remedy: 'Compare the fingerprint over another channel, then record it or pin it.',
  },
  HOST_KEY_CHANGED: {
    cause: 'The host offered another key than the one that is known for it. Someone may be listening in.',
    remedy: 'Find out why the key changed before removing the old one with ssh-keygen -R.',
  },
  HOST_KEY_REVOKED: {
    cause: 'The host offered a key that is marked as revoked.',
    remedy: 'Do not connect; ask whoever runs the host for its new key.',
  },
  HOST_KEY_CERTIFICATE: {
    cause:
      'The only known key for this host is a certificate authority, and host certificates are not supported.',
    remedy: 'Record or pin the plain host key of this host.',
  },
  HOST_KEY_REFUSED: {
    cause: 'The pinned fingerprints, the callback or the person asked did not accept the host key.',
    remedy: 'Compare the offered fingerprint with the host’s own.',
  },
  KNOWN_HOSTS_UNUSABLE: {
    cause:
      'A known_hosts or revoked keys file could not be read or written, or has a format that cannot be honoured.',
    remedy: 'Check the file that the message names.',
  },
  AUTH_FAILED: {
    cause: 'The server accepted none of the credentials that were offered.',
    remedy: 'See what was tried and what the server allows, both listed in the error.',
  },
  PASSWORD_CHANGE_REQUIRED: {
    cause: 'The server demands that the password be changed before it lets the user in.',
    remedy: 'Change the password with ssh in a terminal.',
  },
  IDENTITY_UNUSABLE: {
    cause: 'A key file is missing, unreadable, readable by others, malformed, or of an unsupported type.',
    remedy: 'See the message: chmod 600 the file, convert it with ssh-keygen -p, or choose another.',
  },
  PASSPHRASE_NEEDED: {
    cause: 'A key file is encrypted, and no passphrase was given or the given one is wrong.',
    remedy: 'Give the passphrase as an option, or add the key to an agent.',
  },
  AGENT_UNUSABLE: {
    cause: 'The SSH agent could not be reached, gave no proper answer in time, or refused to sign.',
    remedy:
      'Check with ssh-add -l that the agent answers, or set identityAgent to another socket or to none.',
  },
  CANCELLED: {
    cause: 'The person who was asked a question declined to answer.',
    remedy: 'Nothing to mend.',
  },
  COMMAND_FAILED: {
    cause: 'The command ended with an exit status that does not count as success, by a signal, or with none.',
    remedy: 'See stderr and exitCode in the error; widen okExitCodes where a status is expected.',
  },
  COMMAND_TIMEOUT: {
    cause: 'The command did not end within timeoutMs.',
    remedy: 'Give it more time, or find out what it waits for; the output so far is in the error.',
  },
  OUTPUT_LIMIT: {
    cause: 'The command wrote more output than maxOutputBytes.',
    remedy: 'Raise maxOutputBytes, or stream the output with spawn.',
  },
  RESPONSE_REFUSED: {
    cause: 'A program that asked was answered by a responder, and did not accept the answer.',
    remedy: 'Correct the response; what the program said is in the message.',
  },
  SUDO_PASSWORD_NEEDED: {
    cause: 'A command was to run by sudo, which wants a password, and none was given.',
    remedy: 'Give the password, best as a function, or let sudoers allow the command without one (NOPASSWD).',
  },
  SUDO_PASSWORD_REFUSED: {
    cause: 'The password that was given is not the one that sudo wants.',
    remedy: 'Give the password that sudo asks for, most often that of the user who is logged in.',
  },
  SUDO_REFUSED: {
    cause: 'The program sudo is not there, does not let this user run the command, or wants a terminal.',
    remedy: 'See what sudo said in the message; for requiretty give the option pty.',
  },
  SFTP_UNAVAILABLE: {
    cause: 'The server has no SFTP subsystem, or something else answered in its place.',
    remedy: 'Check Subsystem sftp on the server, and that its shell prints nothing when no person logs in.',
  },
  SFTP_NO_SUCH_FILE: {
    cause: 'The server has no file or directory of this path.',
    remedy: 'Check the path; a relative one begins in the home directory of the user.',
  },
  SFTP_PERMISSION_DENIED: {
    cause: 'The server does not let this user do this with this path.',
    remedy: 'Check the owner and the mode of the path and of the directories above it.',
  },
  SFTP_FAILURE: {
    cause:
      'The server failed to do what was asked for, as for a disk that is full, or a path that is there already.',
    remedy: 'See the server’s message; SFTP version 3 has no status of its own for most reasons.',
  },
  SFTP_UNSUPPORTED: {
    cause: 'The server cannot do what was asked for, or lacks the extension that it needs.',
    remedy: 'Do without it on this server, or run a command in its place.',
  },
  UNSAFE_NAME: {
    cause:
      'A name from the server, or one that a path was made of, would lead out of the directory that is written to.',
    remedy: 'Do not trust the server with a recursive get before you know why it sends such names.',
  },
  LOCAL_FILE_FAILED: {
    cause: 'A file or directory on this machine could not be read or written.',
    remedy: 'See the cause, which is what the system says: ENOENT, EACCES, ENOSPC, EISDIR and the like.',
  },
  FILE_CHANGED: {
    cause: 'A file changed while it was being transferred.',
    remedy: 'Transfer it again when nobody writes to it.',
    retryable: true,
  },
  TRANSFER_FAILED: {
    cause: 'A transfer cannot be done as it was asked for.',
    remedy: 'See the message: a directory needs recursive, and several sources need a directory to go to.',
  },
  CHECKSUM_MISMATCH: {
    cause: 'What arrived is not what was sent.',
    remedy: 'Transfer the file again; if it happens again, find out what changes it.',
    retryable: true,
  },
  CHECKSUM_UNAVAILABLE: {
    cause: 'A checksum was asked for, and the server has no program to make one.',
    remedy:
      'Install sha256sum there, or transfer without a checksum; SSH itself protects what is on its way.',
  },
  GROUP_FAILED: {
    cause: 'At least one host of a group failed.',
    remedy: 'See the outcomes in the error, each of which has the host and its own error.',
  },
  TERMINAL_NEEDED: {
    cause: 'A question must be asked, or a shell was started, but there is no terminal.',
    remedy: 'Run it in a terminal, or give the answer as an option.',
  },
} as const satisfies Record<string, CodeEntry>

/** One of the codes in the table: stable, and safe to branch on. */
export type ErrorCode = keyof typeof errorCodes

/** Whether trying again after a pause may succeed with nothing changed. */
export function isRetryable(code: ErrorCode): boolean {
  return 'retryable' in errorCodes[code]
}
