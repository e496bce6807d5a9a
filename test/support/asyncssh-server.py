# An SSH server with the SFTP server of AsyncSSH, for asyncssh-server.ts: its arguments are the address, the host key,
# and the public keys that may log in. Prints the port as its first line.

import asyncio
import sys
import warnings

warnings.simplefilter('ignore')  # those of cryptography, about ciphers that nobody asked for
import asyncssh  # noqa: E402


async def serve(host: str, host_key: str, authorized_keys: str) -> None:
    server = await asyncssh.listen(
        host,
        0,
        server_host_keys=[host_key],
        authorized_client_keys=authorized_keys,
        sftp_factory=True,
    )
    print('port', server.sockets[0].getsockname()[1], flush=True)
    await server.wait_closed()


asyncio.run(serve(*sys.argv[1:]))
