"""Files of the notebook folder, and only of that folder.

- A link inside the folder is followed by the stock managers to wherever it points; here no path may pass
  through a link at all, neither for contents nor for checkpoints.
- The stock `/files/` handler serves straight from disk and skips the manager; ours goes through it.
- `admit_notebook` is the seam where outputs without a valid label will be replaced. It runs in `save`, not as
  a pre-save hook: those fail open. Here any failure refuses the save.
"""

from __future__ import annotations

import errno
import os
from typing import Any

from jupyter_server.files.handlers import FilesHandler
from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints
from jupyter_server.services.contents.fileio import FileManagerMixin
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError
from traitlets import Callable, default


class LinkRefused(HTTPError, OSError):
    """A path that passes through a link.

    Two types at once: a request answers 404, as for a missing file (whether the target exists is nobody's
    business), and the listing of a folder leaves out an entry whose error is ELOOP instead of failing whole.
    """

    def __init__(self) -> None:
        HTTPError.__init__(self, 404, "No such file or directory in the notebook folder.")
        self.errno = errno.ELOOP


def check_inside(os_path: str, root_dir: str) -> str:
    """Return `os_path`, or raise a 404 when a link leads along the way or it leaves the root."""
    root = os.path.realpath(root_dir)
    relative = os.path.relpath(os.path.abspath(os_path), os.path.abspath(root_dir))
    expected = os.path.normpath(os.path.join(root, relative))
    if relative.split(os.sep)[0] == os.pardir or os.path.realpath(os_path) != expected:
        raise LinkRefused
    return os_path


class RealPathMixin(FileManagerMixin):
    """Resolves every API path and refuses those that pass through a link."""

    root_dir: Any

    def _get_os_path(self, path: str) -> str:
        os_path = super()._get_os_path(path)  # type: ignore[no-untyped-call]
        return check_inside(str(os_path), str(self.root_dir))


class GuardCheckpoints(RealPathMixin, AsyncFileCheckpoints):
    """Checkpoints beside the notebooks, with the same rule for the checkpoint folder itself."""

    def checkpoint_path(self, checkpoint_id: str, path: str) -> str:
        os_path = super().checkpoint_path(checkpoint_id, path)  # type: ignore[no-untyped-call]
        return check_inside(str(os_path), str(self.root_dir))


class GuardContentsManager(RealPathMixin, AsyncLargeFileManager):  # type: ignore[misc]
    """The notebook folder: real paths only, no hidden files, notebooks admitted before they are written."""

    admit_notebook = Callable(
        None,
        allow_none=True,
        config=True,
        help="Called with a notebook's content before it is saved; returns the content to write.",
    )

    @default("checkpoints_class")
    def _checkpoints_class_default(self) -> type[GuardCheckpoints]:
        return GuardCheckpoints

    @default("files_handler_class")
    def _files_handler_class_default(self) -> type[FilesHandler]:
        return FilesHandler

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        saved: dict[str, Any] = await super().save(self._admit(model), path)  # type: ignore[no-untyped-call]
        return saved

    def _admit(self, model: dict[str, Any]) -> dict[str, Any]:
        """The model with its notebook admitted; an error of the check refuses the save."""
        if self.admit_notebook is None or model.get("type") != "notebook":
            return model
        try:
            return {**model, "content": self.admit_notebook(model["content"])}
        except Exception as error:
            self.log.error("The notebook check failed", exc_info=True)
            raise HTTPError(403, "This notebook could not be checked, so it was not saved.") from error
