"""`python -m kernel_guard.wrapper -f FILE`: what the kernelspec starts.

- It has no use for TLS, which is kept out before anything imports it: it costs memory and time in each kernel.
"""

from __future__ import annotations

import os
import sys

sys.modules.setdefault("ssl", None)  # type: ignore[arg-type]  # read as: there is none

from kernel_guard.errors import ConfigError  # noqa: E402
from kernel_guard.sandbox import harden_process  # noqa: E402
from kernel_guard.wrapper.connection import read_connection  # noqa: E402
from kernel_guard.wrapper.releases import Releases  # noqa: E402
from kernel_guard.wrapper.settings import read_settings  # noqa: E402
from kernel_guard.wrapper.startup import start  # noqa: E402
from kernel_guard.wrapper.uplink import Uplink  # noqa: E402


def main() -> int:
    """Run one guarded kernel until it ends; gives the exit code."""
    harden_process()
    settings = read_settings(sys.argv[1:], os.environ)
    try:
        connection = read_connection(settings.connection_file)
    except ConfigError as error:
        print(f"kernel-guard: {error}", file=sys.stderr)
        return 2
    uplink = Uplink(settings.vault, settings.token_file, connection.kernel_id)
    releases = Releases(lambda release_id: uplink.document(f"/v1/releases/{release_id}"))
    started = start(settings, uplink, releases)
    # Loaded while the kernel starts: together they take longer than the kernel's own first steps.
    from kernel_guard.trust.signing import SigningKey
    from kernel_guard.wrapper.proxy import Proxy
    from kernel_guard.wrapper.published_key import load_and_publish
    from kernel_guard.wrapper.seals import sweep

    key = load_and_publish(settings.key_file) if settings.key_file else SigningKey.generate()
    sweep(settings.key_file)
    return Proxy(connection, started, releases, key, settings, uplink=uplink).run()


if __name__ == "__main__":
    sys.exit(main())
