# Fabric's side of bench/group.js: `true` on each host behind one gateway, by a ThreadingGroup, which knows no limit.
# Arguments: the ssh_config file, the gateway, and the hosts.

import sys

from fabric import Config, Connection, ThreadingGroup

config_file, gateway_name, *names = sys.argv[1:]
config = Config(runtime_ssh_path=config_file)
gateway = Connection(gateway_name, config=config)
gateway.open()
members = [Connection(name, config=config, gateway=gateway) for name in names]
group = ThreadingGroup.from_connections(members)
try:
    # Raises when any of them fails. Its results cannot be counted: members of one address are one key.
    group.run("true", hide=True)
finally:
    group.close()
    gateway.close()
