"""What is proven about a notebook: which outputs a guarded kernel showed, and from which releases.

- Offline: the notebook and the wrapper's public keys are all that is read.
- Without a key nothing is proven, so a missing key is an error and not a weaker answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kernel_guard.cli.lab import default_home
from kernel_guard.errors import ConfigError, SignatureError
from kernel_guard.wrapper.notebook.report import Report, examine
from kernel_guard.wrapper.published_key import read_public_keys

MAX_BYTES = 256 << 20
PUBLIC_KEY = "wrapper.pub"


def verify_notebook(path: Path, key: Path | None) -> Report:
    """Judge a notebook file by the public keys in `key`, else by those of this user's own guarded kernels."""
    return examine(_read(path), read_public_keys([key] if key else _own_keys()))


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SignatureError(f"{path.name!r} is larger than a notebook should be.")
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        raise SignatureError(
            f"{path.name!r} cannot be read as a notebook.", hint="Give the path of an .ipynb file."
        ) from None


def _own_keys() -> list[Path]:
    found = [path for name in ("lab", "demo") if (path := default_home(name) / "client" / PUBLIC_KEY).is_file()]
    if not found:
        raise ConfigError(
            "No public key of a guarded kernel was found here.",
            hint="Name it with --key; a guarded kernel lists its key there, in wrapper.pub.",
        )
    return found
