"""What vault and server may say to the page is in the page's list, and so is translated."""

from __future__ import annotations

from tests.lib.page_texts import LIST, listed, templates


def test_the_pages_list_of_server_texts_is_what_their_source_says() -> None:
    assert LIST.read_text(encoding="utf-8") == listed(), "run: python -m tests.lib.page_texts"


def test_texts_with_and_without_blanks_are_found() -> None:
    found = templates()
    assert "The vault does not answer." in found and "At most %1 groups." in found
    assert "masked: fewer than %1 patients in it or beside it" in found
    assert len(found) > 150
