"""DSSE envelopes around in-toto statements: the form in which a release carries its signature.

Formats: Dead Simple Signing Envelope 1.0 (secure-systems-lab/dsse) and in-toto Statement v1.

- The signature covers payload type and payload (pre-authentication encoding), so neither can be swapped.
- The payload is given back only after a trusted key's signature over exactly these bytes was verified.
- Which keys are trusted is the caller's decision; an empty set trusts nobody. An envelope's key id only says
  which of them to try.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any

from kernel_guard.errors import SignatureError
from kernel_guard.plan.codec import canonical_json
from kernel_guard.trust.signing import SigningKey, keyid_of, verify

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
MAX_PAYLOAD = 64 * 1024 * 1024
MAX_SIGNATURES = 32


def in_toto_statement(name: str, sha256: str, predicate_type: str, predicate: Mapping[str, Any]) -> bytes:
    """Canonical bytes of a statement: what `predicate` says about the thing `name` with this digest."""
    return canonical_json(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": name, "digest": {"sha256": sha256}}],
            "predicateType": predicate_type,
            "predicate": dict(predicate),
        }
    )


def seal(payload: bytes, key: SigningKey) -> dict[str, Any]:
    """An envelope of `payload` with one signature."""
    signature = key.sign(pre_authentication_encoding(PAYLOAD_TYPE, payload))
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [_signature(key, signature)],
    }


def add_signature(envelope: Mapping[str, Any], key: SigningKey, trusted: Iterable[bytes]) -> dict[str, Any]:
    """The envelope with one more signature, after checking what is about to be signed."""
    payload = open_envelope(envelope, trusted)
    signature = key.sign(pre_authentication_encoding(PAYLOAD_TYPE, payload))
    return {**envelope, "signatures": [*envelope["signatures"], _signature(key, signature)]}


def open_envelope(envelope: Mapping[str, Any], trusted: Iterable[bytes]) -> bytes:
    """The payload, verified by at least one of the `trusted` raw public keys; else `SignatureError`."""
    keys = {keyid_of(public): public for public in trusted}
    payload, signatures = _parts(envelope)
    signed = pre_authentication_encoding(PAYLOAD_TYPE, payload)
    for keyid, signature in signatures:
        if keyid in keys:
            verify(keys[keyid], signature, signed)
            return payload
    raise SignatureError(
        "No trusted key signed this.",
        hint="Compare the key id with the vault's public key; releases of another vault need that vault's key.",
        details={"keyids": [keyid for keyid, _ in signatures], "trusted": sorted(keys)},
    )


def open_statement(envelope: Mapping[str, Any], trusted: Iterable[bytes], predicate_type: str) -> dict[str, Any]:
    """The verified in-toto statement, of the expected predicate type and no other."""
    payload = open_envelope(envelope, trusted)
    try:
        statement = json.loads(payload)
    except ValueError:
        statement = None
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT_TYPE:
        raise SignatureError("The signed content is not an in-toto statement.")
    if statement.get("predicateType") != predicate_type:
        raise SignatureError("The signed statement is about something else.")
    return statement


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """PAE of the DSSE specification: lengths in bytes keep type and payload apart."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _signature(key: SigningKey, signature: bytes) -> dict[str, str]:
    return {"keyid": key.keyid, "sig": base64.b64encode(signature).decode()}


def _parts(envelope: Mapping[str, Any]) -> tuple[bytes, list[tuple[str, bytes]]]:
    if not isinstance(envelope, Mapping) or envelope.get("payloadType") != PAYLOAD_TYPE:
        raise SignatureError("This is not a signed statement.")
    signatures = envelope.get("signatures")
    if not isinstance(signatures, list) or not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise SignatureError("This statement carries no signature, or too many.")
    payload = _decode(envelope.get("payload"), MAX_PAYLOAD)
    return payload, [_keyed_signature(entry) for entry in signatures]


def _keyed_signature(entry: Any) -> tuple[str, bytes]:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("keyid"), str):
        raise SignatureError("A signature of this statement is malformed.")
    return entry["keyid"], _decode(entry.get("sig"), 1024)


def _decode(text: Any, limit: int) -> bytes:
    """Base64, standard or URL-safe alphabet as the specification asks, and nothing lenient beyond that."""
    if not isinstance(text, str) or len(text) > limit * 4 // 3 + 4:
        raise SignatureError("This statement is malformed.")
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureError("This statement is malformed.") from None
