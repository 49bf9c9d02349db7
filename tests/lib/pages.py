"""What the browser tests do on a JupyterLab page, and what they ask of every panel: that axe finds nothing serious."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

AXE = Path(__file__).parents[2] / "extension" / "node_modules" / "axe-core" / "axe.min.js"
FRONT = ".jp-NotebookPanel:not(.lm-mod-hidden)"
IDLE = ".jp-Notebook-ExecutionIndicator[data-status='idle']"
_WORKSPACES = itertools.count(1)
_CELLS = itertools.count(1)


def own_workspace(url: str) -> str:
    """The same page in a JupyterLab workspace of its own: tabs that another test opened are not restored."""
    return url.replace("/lab/tree/", f"/lab/workspaces/test-{next(_WORKSPACES)}/tree/")


@contextmanager
def open_page(
    browser: Any, url: str, *, width: int = 1500, height: int = 950, ready: str = f"{FRONT} .jp-Cell"
) -> Iterator[Any]:
    """A page of its own, without what another test left in the browser."""
    context = browser.new_context(viewport={"width": width, "height": height})
    opened = context.new_page()
    opened.goto(own_workspace(url), wait_until="domcontentloaded")
    opened.wait_for_selector("#jupyterlab-splash", state="detached", timeout=90_000)
    opened.wait_for_selector(ready, timeout=60_000)
    opened.add_style_tag(content=".Toastify { display: none }")  # the offer of a tour would lie over what is tested
    yield opened
    context.close()


def open_lesson(page: Any) -> None:
    page.wait_for_selector(f"{FRONT} .jp-Cell", timeout=60_000)
    page.wait_for_selector(f"{FRONT} {IDLE}", timeout=60_000)


def command(page: Any, name: str, **args: Any) -> None:
    """Run a command as the palette would, without waiting for a dialog that it opens."""
    page.evaluate("([name, args]) => { window.jupyterapp.commands.execute(name, args) }", [name, args])


def run_lesson(page: Any) -> None:
    """Run every cell of the notebook in front; a cell out of view counts too, so its prompt is asked of the model."""
    command(page, "notebook:run-all-cells")
    page.wait_for_function(
        """() => {
          const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
          const code = Array.from(cells).filter(cell => cell.type === 'code');
          return code.every(cell => cell.executionCount !== null && cell.executionState !== 'running');
        }""",
        timeout=120_000,
    )
    page.wait_for_selector(f"{FRONT} {IDLE}", timeout=60_000)


def show_cell(page: Any, code: str) -> None:
    """Scroll to the first cell whose source holds `code`: cells out of view are not in the page."""
    page.evaluate(
        """async code => {
          const notebook = window.jupyterapp.shell.currentWidget.content;
          const index = notebook.widgets.findIndex(cell => cell.model.sharedModel.getSource().includes(code));
          notebook.activeCellIndex = index;
          await notebook.scrollToItem(index, 'start');
        }""",
        code,
    )
    page.wait_for_timeout(700)


def new_cell(page: Any, code: str) -> Any:
    """Run code in a new last cell; gives that cell. By commands: clicks race with the scrolling of a long notebook."""
    name = f"cell-{next(_CELLS)}"
    page.evaluate(
        """async ([code, name]) => {
          const { commands, shell } = window.jupyterapp;
          const notebook = shell.currentWidget.content;
          notebook.activeCellIndex = notebook.widgets.length - 1;
          await commands.execute('notebook:insert-cell-below');
          const cell = notebook.activeCell;
          cell.model.sharedModel.setSource(code);
          await notebook.scrollToItem(notebook.activeCellIndex, 'start');
          cell.node.dataset.test = name;
          await commands.execute('notebook:run-cell');
        }""",
        [code, name],
    )
    page.wait_for_selector(f"{FRONT} {IDLE}", timeout=60_000)
    return page.locator(f"[data-test='{name}']")


def run_active(page: Any) -> Any:
    """Run the active cell, such as one that a button inserted; gives it."""
    name = f"cell-{next(_CELLS)}"
    page.evaluate(
        """async name => {
          const { commands, shell } = window.jupyterapp;
          shell.currentWidget.content.activeCell.node.dataset.test = name;
          await commands.execute('notebook:run-cell');
        }""",
        name,
    )
    page.wait_for_selector(f"{FRONT} {IDLE}", timeout=60_000)
    return page.locator(f"[data-test='{name}']")


def describe(draft: Any, context: str, controls: str) -> None:
    """Say of a draft of a request what it shows and how disclosure was controlled."""
    draft.get_by_label("What do these items show").fill(context)
    draft.get_by_label("How did you control disclosure?").fill(controls)
    draft.get_by_role("button", name="Save").click()
    draft.get_by_role("button", name="Save").wait_for(state="detached")


def sign_in(page: Any, user: str, password: str) -> Any:
    """Sign in to check requests; gives the panel of requests."""
    page.locator("[data-id='kernel-guard-requests']").click()
    panel = page.locator("#kernel-guard-requests")
    panel.get_by_text("Sign in as checker").click()
    panel.get_by_label("Name").fill(user)
    panel.get_by_label("Password").fill(password)
    panel.get_by_role("button", name="Sign in", exact=True).click()
    panel.get_by_text("Signed in as").wait_for()
    return panel


def theme(page: Any, name: str) -> None:
    page.evaluate("name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name)
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name, timeout=20_000)
    page.wait_for_timeout(500)


def serious(page: Any, *selectors: str) -> list[str]:
    """What axe calls serious or critical inside `selectors`, as `rule: element`."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("include => axe.run({include}, {resultTypes: ['violations']})", [[one] for one in selectors])
    return [
        f"{violation['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
