"""A bundle proves what it says, and nothing once a byte of it has changed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel_guard.errors import SignatureError
from kernel_guard.review import bundle
from kernel_guard.trust.keyring import KeyRing, KnownKey, read_record
from kernel_guard.trust.people import Role
from kernel_guard.trust.store import sqlite_url
from tests.lib.desks import FakeWitness, Room, key, open_room, release, statement, table

FIGURE = {
    "kind": "figure", "name": "Figure 1: $n$ by sex",
    "content": {
        "chart": "bar", "x": "sex", "y": ["n"], "title": "n by sex", "releases": ["r1"],
        "columns": [{"name": "sex", "type": "string"}, {"name": "n", "type": "integer"}],
        "rows": [["f", 120], ["m", 115], ["x", None]],
    },
}  # fmt: skip
MODEL = {
    "kind": "model", "name": "Model 1",
    "content": {"model": "logistic", "observations": 800, "parameters": 3, "releases": ["r1"],
                "terms": [{"name": "age", "estimate": 0.2, "error": 0.1, "p": 0.04}]},
}  # fmt: skip
TEXT = {"kind": "text", "name": "Abstract", "content": {"text": "<script>alert(1)</script> Sepsis & age."}}
CODE = {"kind": "code", "name": "analysis", "content": {"language": "python", "cells": [{"source": "kg.load()"}]}}
EVIL = table([["=HYPERLINK(1)", 120], ["m", 115]], name="A table")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, KeyRing, Room]:
    folder = tmp_path_factory.mktemp("bundle")
    room = open_room(sqlite_url(folder / "store.sqlite"), folder, witness=FakeWitness(statement(), statement("r2")))
    ana, bea = room.actor("ana", Role.RESEARCHER), room.actor("bea", Role.CHECKER)
    request = room.submitted(ana, release(), FIGURE, MODEL, TEXT, CODE, EVIL)
    request = room.vote(bea, request)
    request = room.reviews.approve(bea, request.id, "", key(request))
    room.reviews.release(bea, request.id, key(request))
    return room.reading.bundle(ana, request.id).content, room.ring, room


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def packed(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return sink.getvalue()


def test_it_holds_plain_files_and_says_who_signed_off(made: tuple[bytes, KeyRing, Room]) -> None:
    content, ring, _ = made
    verdict = bundle.judge(content, ring.known())
    said = bundle.report("b.zip", verdict)
    assert "genuine" in said and "bea (checker)" in said and len(said.splitlines()) < 24
    kinds = {n.rpartition(".")[2] for n in unpacked(content) if "/data/outputs/" in n}
    assert kinds == {"csv", "parquet", "html", "png", "json", "ipynb"}


def test_nothing_in_it_betrays_what_was_masked(made: tuple[bytes, KeyRing, Room]) -> None:
    content, _, _ = made
    files = unpacked(content)
    everything = b"".join(c for n, c in files.items() if not n.endswith(".dsse.json")).lower()
    for word in (
        b"fewer than 10 patients",
        b"n_status",
        b'rounded"',
        b"findings",
        b"justification",
        b'execution_count": 1',
    ):
        assert word not in everything
    release_csv = next(c for n, c in files.items() if n.endswith("01-release-r1.csv"))
    assert release_csv == b"sex,n\nf,120\nm,115\nx,\n"


def test_text_is_escaped_and_formulas_do_not_run(made: tuple[bytes, KeyRing, Room]) -> None:
    files = unpacked(made[0])
    page = next(c for n, c in files.items() if n.endswith("abstract.html"))
    assert b"<script>" not in page and b"&lt;script&gt;" in page
    assert b"'=HYPERLINK" in next(c for n, c in files.items() if n.endswith("a-table.csv"))


def test_the_same_figure_gives_the_same_bytes() -> None:
    from kernel_guard.vault.release import figures

    first, second = figures.draw(FIGURE["content"]), figures.draw(FIGURE["content"])
    assert first == second and first.startswith(b"\x89PNG") and b"tEXt" not in first


@pytest.mark.parametrize("chart", ["bar", "line", "scatter", "histogram", "survival", "heatmap", "forest"])
def test_every_chart_is_drawn(chart: str) -> None:
    from kernel_guard.vault.release import figures

    columns = [{"name": n, "type": "float"} for n in ("x", "y", "lo", "hi")]
    rows = [[float(i), i * 2.0, i * 1.5, i * 2.5] for i in range(5)] + [[5.0, None, None, None]]
    content = {"chart": chart, "x": "x", "y": ["y"], "low": "lo", "high": "hi", "columns": columns, "rows": rows}
    assert figures.draw(content).startswith(b"\x89PNG")


def test_acro_lists_every_file_and_flags_no_cell(made: tuple[bytes, KeyRing, Room]) -> None:
    files = unpacked(made[0])
    results = json.loads(next(c for n, c in files.items() if n.endswith("data/results.json")))
    named = {f["name"] for r in results["results"].values() for f in r["files"]}
    assert named == {n.partition("/data/")[2] for n in files if "/data/outputs/" in n}
    assert all(f["sdc"] == {} for r in results["results"].values() for f in r["files"])
    assert set(results["results"]["output_0"]) == {
        "uid", "status", "type", "properties", "files", "outcome", "command", "summary", "timestamp", "comments",
        "exception", "fair",
    }  # fmt: skip
    folder = next(n for n in files if n.endswith("data/results.json")).removesuffix("results.json")
    for name in named:
        digest = hashlib.sha256(files[folder + name]).hexdigest()
        assert files[f"{folder}checksums/{name}.txt"].decode() == digest


@given(data=st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_byte_of_any_file_is_found(made: tuple[bytes, KeyRing, Room], data: st.DataObject) -> None:
    content, ring, _ = made
    files = unpacked(content)
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = bytearray(files[name])
    changed[at] ^= flip
    with pytest.raises(SignatureError):
        bundle.judge(packed({**files, name: bytes(changed)}), ring.known())


@pytest.mark.parametrize("end", [b"\x0b", b"\r", b"\x1e", b"\r\n", b""])
def test_lines_of_a_manifest_end_in_one_way(made: tuple[bytes, KeyRing, Room], end: bytes) -> None:
    content, ring, _ = made
    files = unpacked(content)
    name = next(n for n in files if n.endswith("/tagmanifest-sha512.txt"))
    with pytest.raises(SignatureError):
        bundle.judge(packed({**files, name: files[name].replace(b"\n", end)}), ring.known())


def test_a_file_more_less_or_renamed_is_found(made: tuple[bytes, KeyRing, Room]) -> None:
    content, ring, _ = made
    files = unpacked(content)
    top = next(iter(files)).partition("/")[0]
    some = next(n for n in files if "/outputs/" in n)
    less = {n: c for n, c in files.items() if n != some}
    strange = {f"{top}/data/more.csv": b"1", f"{top}/notes.txt": b"hi", "other/x": b"", f"{top}/data/../x": b""}
    for wrong in (less, {**less, f"{some}x": files[some]}, *({**files, n: c} for n, c in strange.items())):
        with pytest.raises(SignatureError):
            bundle.judge(packed(wrong), ring.known())


def test_a_whole_new_bag_needs_the_vaults_signature(made: tuple[bytes, KeyRing, Room]) -> None:
    """Who changes a file and mends both manifests still lacks the key."""
    content, ring, _ = made
    files = unpacked(content)
    top = next(iter(files)).partition("/")[0]
    some = next(n for n in files if n.endswith("01-release-r1.csv"))
    files[some] = files[some].replace(b"120", b"125")

    def mend(manifest: str, pick: set[str]) -> None:
        lines = [f"{hashlib.sha512(files[f'{top}/{n}']).hexdigest()}  {n}\n" for n in sorted(pick)]
        files[f"{top}/{manifest}"] = "".join(lines).encode()

    mend(bundle.MANIFEST, {n.partition("/")[2] for n in files if n.startswith(f"{top}/data/")})
    mend(bundle.TAG_MANIFEST, set(bundle.TAGS - {bundle.TAG_MANIFEST}))
    with pytest.raises(SignatureError, match="another manifest"):
        bundle.judge(packed(files), ring.known())


def test_a_strangers_key_proves_nothing(made: tuple[bytes, KeyRing, Room], tmp_path: Path) -> None:
    other = KeyRing.open(tmp_path / "ring", "2026-01-01T00:00:00.000000Z")
    with pytest.raises(SignatureError, match="No trusted key"):
        bundle.judge(made[0], other.known())
    with pytest.raises(SignatureError):
        bundle.judge(made[0], [])


@pytest.mark.parametrize("junk", [b"", b"PK", b"PK\x03\x04" + b"\0" * 200, b"x" * 1000])
def test_junk_is_refused_in_words(junk: bytes) -> None:
    with pytest.raises(SignatureError, match="proves nothing"):
        bundle.judge(junk, [])


def test_a_replaced_key_still_vouches_and_introduces_the_next(
    made: tuple[bytes, KeyRing, Room], tmp_path: Path
) -> None:
    content, old_ring, _ = made
    old_record = old_ring.known()
    ring = KeyRing.open(tmp_path / "ring", "2026-01-01T00:00:00.000000Z")
    first = ring.known()
    new = ring.rotate("2027-06-01T00:00:00.000000Z")
    assert new.introduced_by[0] == first[0].keyid and ring.signer().keyid == new.keyid
    believed = _believed(first, ring.known())
    assert set(believed) == {first[0].keyid, new.keyid}
    assert bundle.judge(content, old_record).keyid == old_record[0].keyid
    forged = KnownKey(new.public, new.since, introduced_by=(first[0].keyid, "AAAA"))
    assert new.keyid not in _believed(first, [forged])


def test_a_compromised_key_vouches_for_nothing(made: tuple[bytes, KeyRing, Room]) -> None:
    content, ring, _ = made
    record = [KnownKey(k.public, k.since, "2027-02-01T00:00:00.000000Z", "compromised") for k in ring.known()]
    with pytest.raises(SignatureError):
        bundle.judge(content, record)


def test_a_signature_outside_the_keys_time_is_refused(made: tuple[bytes, KeyRing, Room]) -> None:
    content, ring, _ = made
    record = [KnownKey(k.public, k.since, "2026-06-01T00:00:00.000000Z", "replaced") for k in ring.known()]
    with pytest.raises(SignatureError, match="outside"):
        bundle.judge(content, record)


def test_a_record_that_is_none_is_refused() -> None:
    for text in (b"", b"{}", b'{"keys": [{}]}', b'{"keys": [{"public_key": "?"}]}'):
        with pytest.raises(SignatureError):
            read_record(text)


def _believed(trusted: list[KnownKey], brought: list[KnownKey]) -> dict[str, KnownKey]:
    from kernel_guard.trust import keyring

    return keyring.believed(trusted, brought)
