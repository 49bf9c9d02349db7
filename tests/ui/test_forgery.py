"""A page of another site, in the browser of somebody who is signed in: it can neither decide nor read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.lib.pages import open_page
from tests.ui.conftest import Demo

pytestmark = pytest.mark.ui
BODY = '{"project": "demo", "title": "forged", "key": "forged"}'
# A form sends JSON as plain text with a name and a value around one equals sign.
FORM = """<form id=f method=post enctype="text/plain" action="%s">
<input name='{"project":"demo","title":"forged","key":"forged","x":"' value='"}'></form>"""


class Evil(BaseHTTPRequestHandler):
    """Serves an empty page under another name than the server's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>evil</title>")

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def evil() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Evil)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()


def titles(page: Any, api: str) -> list[str]:
    listed = page.evaluate("async url => (await fetch(url)).json()", f"{api}/review/requests?view=mine")
    return [request["title"] for request in listed["requests"]]


def test_another_sites_page_changes_and_reads_nothing(demo: Demo, browser: Any, evil: str) -> None:
    root = demo.url.split("/lab")[0]
    api = f"{root}/kernel-guard/api"
    with open_page(browser, demo.url, ready="[data-id='kernel-guard-requests']") as page:
        # The page itself can, so that a refusal below means something.
        xsrf = page.evaluate("document.cookie.match(/_xsrf=([^;]+)/)[1]")
        sent = """async ([url, body, token]) => (await fetch(url, {method: 'POST', body,
            headers: {'Content-Type': 'application/json', 'X-XSRFToken': token}})).status"""
        own = BODY.replace("forged", "own")
        assert page.evaluate(sent, [f"{api}/review/requests", own, xsrf]) == 200
        assert titles(page, api) == ["own"] + [title for title in titles(page, api) if title != "own"]

        other = page.context.new_page()
        for path in ("review/requests", "session", "session/hub", "session/end", "review/basket"):
            other.goto(evil)
            blind = """async ([url, body]) => { try { const answer = await fetch(url, {method: 'POST', body,
                mode: 'no-cors', credentials: 'include'}); return answer.type } catch { return 'refused' } }"""
            assert other.evaluate(blind, [f"{api}/{path}", BODY]) in ("opaque", "refused")
            open_ = """async ([url, body]) => { try { await fetch(url, {method: 'POST', body, credentials: 'include',
                headers: {'Content-Type': 'application/json'}}); return 'sent' } catch { return 'refused' } }"""
            assert other.evaluate(open_, [f"{api}/{path}", BODY]) == "refused"
            other.set_content(FORM % f"{api}/{path}")
            with other.expect_navigation():
                other.evaluate("document.getElementById('f').submit()")
            assert "forged" not in other.content()
        other.goto(evil)
        read = """async url => { try { return await (await fetch(url, {credentials: 'include'})).text() }
            catch { return 'refused' } }"""
        assert other.evaluate(read, f"{api}/review/requests?view=mine") == "refused"
        other.set_content(f'<iframe src="{root}/lab"></iframe>')
        other.wait_for_timeout(1_000)
        assert all("JupyterLab" not in frame.title() for frame in other.frames[1:])
        assert "forged" not in titles(page, api)
