"""`python -m kernel_guard.wrapper -f FILE`: what the kernelspec starts.

- It has no use for TLS, which is kept out before anything imports it: it costs memory and time in each kernel.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel_guard.wrapper.uplink import Uplink

sys.modules.setdefault("ssl", None)  # type: ignore[arg-type]  # read as: there is none

from kernel_guard.errors import ConfigError  # noqa: E402
from kernel_guard.sandbox import harden_process  # noqa: E402
from kernel_guard.wrapper.connection import Connection, read_connection  # noqa: E402
from kernel_guard.wrapper.settings import Settings, read_settings  # noqa: E402
from kernel_guard.wrapper.startup import start  # noqa: E402


def main() -> int:
    """Run one guarded kernel until it ends; gives the exit code."""
    harden_process()
    settings = read_settings(sys.argv[1:], os.environ)
    try:
        connection = read_connection(settings.connection_file)
    except ConfigError as error:
        print(f"kernel-guard: {error}", file=sys.stderr)
        return 2
    return _run(settings, connection)


def _run(settings: Settings, connection: Connection) -> int:
    started, vault = start(settings, lambda: _uplink(settings, connection).is_synthetic_only())
    # Loaded while the kernel starts: together they take longer than the kernel's own first steps.
    from kernel_guard.trust.signing import SigningKey
    from kernel_guard.wrapper.proxy import Proxy
    from kernel_guard.wrapper.published_key import publish
    from kernel_guard.wrapper.relay import Relay
    from kernel_guard.wrapper.releases import Releases
    from kernel_guard.wrapper.seals import sweep
    from kernel_guard.wrapper.vouching import make_known

    uplink = _uplink(settings, connection)
    releases = Releases(lambda release_id: uplink.document(f"/v1/releases/{release_id}"))
    if started.guest is None:
        vault.close()
    else:
        Relay(vault, uplink, releases).start()
    key = SigningKey.generate()
    if settings.key_file:
        publish(key.public_bytes, settings.key_file)
    sweep(settings.key_file)
    if settings.vault:
        make_known(uplink, key.public_bytes)
    return Proxy(connection, started, releases, key, settings, uplink=uplink).run()


def _uplink(settings: Settings, connection: Connection) -> Uplink:
    from kernel_guard.wrapper.uplink import Uplink

    return Uplink(settings.vault, settings.token_file, connection.kernel_id)


if __name__ == "__main__":
    sys.exit(main())
