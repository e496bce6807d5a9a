// The faults that a host of the embedded network can be told to have. What each does stands in host.ts and line.ts.

/** What goes wrong at one host. Everything left out works. */
export interface Faults {
  /**
   * `refuse`: nothing listens; `hang`: no answer ever. Concerns the dialer and gateways; on its real port the host
   * then drops each connection at once, or says nothing.
   */
  readonly connection?: 'refuse' | 'hang'
  /** What happens in place of the version line: silence, a close as sshd's beyond MaxStartups, or any bytes. */
  readonly version?: 'never' | 'close' | VersionFault
  /** The host shows another key than the one in `knownHosts`. */
  readonly hostKey?: 'changed'
  /** `hang`: no offer is answered. `refuse`: none is good. */
  readonly authentication?: 'hang' | 'refuse'
  /**
   * Channels to other hosts: refused as by `AllowTcpForwarding no` (reason 1), refused as by a dead target (reason 2),
   * never answered, or opened and closed at once.
   */
  readonly forwarding?: 'prohibited' | 'refuse' | 'hang' | 'open and close'
  /** Channels for commands: refused as beyond MaxSessions, never answered, or opened and closed at once. */
  readonly session?: 'refuse' | 'hang' | 'open and close'
  /**
   * Commands and shells: the request is refused or not answered; the channel closes without a status; everything but
   * the close is sent; or signals go unheeded.
   */
  readonly exec?: 'refuse' | 'hang' | 'no status' | 'no close' | 'ignore signals'
  /**
   * The subsystem of SFTP: refused as by a server that has none, never answered, or with a text before its first packet,
   * as from the start-up file of a shell that prints.
   */
  readonly sftp?: 'refuse' | 'hang' | 'banner'
  /** What goes wrong within SFTP. */
  readonly files?: FileFaults
  /** As soon as a client has logged in, asks it for a channel that it did not ask for. The log has its answer. */
  readonly unaskedChannel?: 'forwarded-tcpip' | 'x11' | 'auth-agent@openssh.com'
  /** Ends each connection after the host has sent this many bytes on it. */
  readonly cutAfterBytes?: number
  /** Limits what the host sends on each connection. */
  readonly bytesPerSecond?: number
  /** Keeps every connection open, but neither sends nor takes in anything, until the fault is lifted. */
  readonly silent?: boolean
}

/** What goes wrong at the file server of a host. It keeps to the protocol. */
export interface FileFaults {
  /** `none`: it offers and has no extension, not even `posix-rename@openssh.com`. */
  readonly extensions?: 'none'
  /** Of the answers to requests that were sent together, the last comes first. */
  readonly replies?: 'reordered'
  /** Milliseconds before the requests that were sent together are done. */
  readonly replyDelayMs?: number
  /** One READ gives no more than that. */
  readonly readAtMostBytes?: number
  /** All files of the host together have no room for more; a WRITE that needs more writes nothing. */
  readonly diskBytes?: number
}

/** Bytes in place of the version line, or before it. */
export interface VersionFault {
  /** For instance `HTTP/1.1 400 Bad Request\r\n`, or `SSH-2.0-x\r\n` for a host that goes silent in its key exchange. */
  readonly send: string | Uint8Array
  readonly afterwards: 'close' | 'silence'
}
