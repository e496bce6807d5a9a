# AsyncSSH's side of bench/group.js: `true` on each host behind one gateway, so many at a time.
# Arguments: the ssh_config file, the known_hosts file, how many at a time, the gateway, and the hosts.

import asyncio
import sys

import asyncssh

config_file, known_hosts, at_once, gateway_name, *names = sys.argv[1:]


options = {"config": [config_file], "known_hosts": known_hosts}


async def main():
    turns = asyncio.Semaphore(int(at_once))
    async with asyncssh.connect(gateway_name, **options) as gateway:

        async def work(name):
            async with turns:
                async with asyncssh.connect(name, tunnel=gateway, **options) as connection:
                    await connection.run("true", check=True)

        await asyncio.gather(*map(work, names))


asyncio.run(main())
