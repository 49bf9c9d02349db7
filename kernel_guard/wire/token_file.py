"""The secret of a grant or a session, in a file that its holder may replace while a kernel runs."""

from __future__ import annotations

from kernel_guard.errors import ConfigError


def read_token(path: str | None) -> str | None:
    """The grant's secret from its file; None where no file is named."""
    if not path:
        return None
    try:
        with open(path, encoding="ascii") as file:
            return file.read(4096).strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError("The token file cannot be read.", hint="Check KERNEL_GUARD_TOKEN_FILE.") from None
