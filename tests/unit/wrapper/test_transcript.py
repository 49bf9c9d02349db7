"""A stream's digest is the same for what was shown and for what a front end keeps of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from nbclient.client import _RGX_CARRIAGERETURN

from kernel_guard.wrapper.transcript import Transcript, digests_of

PIECES = st.lists(st.text(alphabet="ab \n\r\x08é", max_size=12), max_size=12)


def digests(pieces: list[str]) -> list[str]:
    transcript = Transcript()
    for piece in pieces:
        transcript.feed(piece)
    return transcript.digests()


def as_jupyterlab_keeps(pieces: list[str]) -> str:
    """A transcription of what `OutputAreaModel` of JupyterLab 4 does with arriving text."""
    text, at = "", 0
    for piece in pieces:
        for one in piece:
            if one == "\b":
                if at > 0 and text[at - 1] != "\n":
                    text, at = text[: at - 1] + text[at + 1 :], at - 1
            elif one == "\r":
                at = text.rfind("\n", 0, at) + 1
            elif one == "\n":
                text += "\n"
                at = len(text)
            else:
                text, at = text[:at] + one + text[at + 1 :], at + 1
    return text


def as_nbclient_keeps(text: str) -> str:
    return _RGX_CARRIAGERETURN.sub("", text)


@given(PIECES)
def test_jupyterlab(pieces: list[str]) -> None:
    assert set(digests_of(as_jupyterlab_keeps(pieces))) & set(digests(pieces))


@given(st.lists(st.text(alphabet="ab \n\ré", max_size=12), max_size=12))
def test_nbclient(pieces: list[str]) -> None:
    assert set(digests_of(as_nbclient_keeps("".join(pieces)))) & set(digests(pieces))


@given(PIECES)
def test_pieces_do_not_matter(pieces: list[str]) -> None:
    assert digests(pieces) == digests_of("".join(pieces))


@given(st.text(max_size=50), st.text(max_size=50))
def test_plain_text_has_one_digest_of_its_own(one: str, other: str) -> None:
    def plain(text: str) -> str:
        return text.replace("\r", "").replace("\b", "")

    assert len(digests_of(plain(one))) == 1
    same = plain(one).encode("utf-8", "replace") == plain(other).encode("utf-8", "replace")
    assert (digests_of(plain(one)) == digests_of(plain(other))) == same


def test_a_long_line_is_kept_out_of_each_piece() -> None:
    transcript = Transcript()
    transcript.feed("x" * 5_000)
    assert transcript.has_long_line
    transcript.feed("\n")
    assert not transcript.has_long_line
