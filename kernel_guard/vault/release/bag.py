"""A BagIt 1.0 bag (RFC 8493) in one zip file, with a signature over its manifest.

- The same content gives the same bytes but for the signature's statement: names are sorted, times are fixed.
- The signature is a tag file; its statement names the manifest, which names every payload file.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from kernel_guard.review import bundle

_TIME = (1980, 1, 1, 0, 0, 0)


def pack(
    folder: str,
    payload: Mapping[str, bytes],
    info: Mapping[str, str],
    keys: bytes,
    sign: Callable[[str, Mapping[str, str]], dict[str, Any]],
) -> bytes:
    """The zip; `sign` makes the envelope from the manifest's SHA-256 and the tag files' SHA-512."""
    files = {f"data/{name}": content for name, content in payload.items()}
    size = sum(map(len, files.values()))
    lines = [f"{k}: {v}" for k, v in {**info, "Payload-Oxum": f"{size}.{len(files)}"}.items()]
    tags = {
        bundle.DECLARATION: bundle.BAGIT,
        bundle.INFO: ("\n".join(lines) + "\n").encode(),
        bundle.KEYS: keys,
    }
    manifest = _manifest(files)
    envelope = sign(hashlib.sha256(manifest).hexdigest(), {n: hashlib.sha512(c).hexdigest() for n, c in tags.items()})
    tags |= {bundle.MANIFEST: manifest, bundle.ENVELOPE: json.dumps(envelope).encode()}
    return _zip(folder, {**files, **tags, bundle.TAG_MANIFEST: _manifest(tags)})


def _manifest(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha512(files[n]).hexdigest()}  {n}\n" for n in sorted(files)).encode()


def _zip(folder: str, files: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", _TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return sink.getvalue()
