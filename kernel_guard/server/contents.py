"""Files of the notebook folder, and only of that folder.

- A link inside the folder is followed by the stock managers to wherever it points; here no path may pass
  through a link at all, neither for contents nor for checkpoints.
- The stock `/files/` handler serves straight from disk and skips the manager; ours goes through it.
- `admit_notebook` replaces outputs that no guarded kernel has signed. It runs wherever a notebook comes to be: saved,
  copied, uploaded whole or in chunks, renamed into one, restored from a checkpoint. It is not a pre-save hook: those
  fail open. Here any failure refuses, and what came by a side door and cannot be checked is removed or moved back.
"""

from __future__ import annotations

import errno
import os
from typing import Any

import nbformat
from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints
from jupyter_server.services.contents.fileio import FileManagerMixin
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError
from traitlets import Callable, default

from kernel_guard.errors import ConfigError
from kernel_guard.server.downloads import ApprovedFilesHandler, check_approved, content_of


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


def refuse_notebook(_content: dict[str, Any]) -> dict[str, Any]:
    """Stands where no check was configured: without one nothing is saved."""
    raise ConfigError("No check of notebooks is configured.")


class GuardContentsManager(RealPathMixin, AsyncLargeFileManager):  # type: ignore[misc]
    """The notebook folder: real paths only, no hidden files, notebooks admitted before they are written."""

    admit_notebook = Callable(
        refuse_notebook,
        config=True,
        help="Called with a notebook's content before it is saved; returns the content to write.",
    )

    @default("checkpoints_class")
    def _checkpoints_class_default(self) -> type[GuardCheckpoints]:
        return GuardCheckpoints

    @default("files_handler_class")
    def _files_handler_class_default(self) -> type[ApprovedFilesHandler]:
        return ApprovedFilesHandler

    async def get(self, path: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """A file that is not text is given away only where it was approved."""
        model: dict[str, Any] = await super().get(path, *args, **kwargs)  # type: ignore[no-untyped-call]
        if model.get("format") == "base64" and model.get("content") is not None:
            app: Any = self.parent
            await check_approved(content_of(model), app.web_app.settings.get("kernel_guard") if app else None)
        return model

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        if _is_notebook(path) and model.get("type") == "file":
            return await self._save_upload(model, path)
        saved: dict[str, Any] = await super().save(self._admit(model), path)  # type: ignore[no-untyped-call]
        return saved

    async def rename_file(self, old_path: str, new_path: str) -> None:
        await super().rename_file(old_path, new_path)  # type: ignore[no-untyped-call]
        if _is_notebook(new_path):
            try:
                await self._admit_in_place(new_path)
            except HTTPError:
                await super().rename_file(new_path, old_path)  # type: ignore[no-untyped-call]
                raise

    async def restore_checkpoint(self, checkpoint_id: str, path: str) -> None:
        await super().restore_checkpoint(checkpoint_id, path)  # type: ignore[no-untyped-call]
        if _is_notebook(path):
            try:
                await self._admit_in_place(path)
            except HTTPError:
                await self.delete_file(path)  # type: ignore[no-untyped-call]
                raise

    async def _save_upload(self, model: dict[str, Any], path: str) -> dict[str, Any]:
        """A notebook that comes as a plain file: kept aside until its last piece is here and all of it was checked."""
        beside = f"{path}.upload"
        saved: dict[str, Any] = await super().save(model, beside)  # type: ignore[no-untyped-call]
        if model.get("chunk") not in (None, -1):
            return saved
        try:
            return await self.save(await self._as_notebook(beside), path)
        finally:
            await self.delete_file(beside)  # type: ignore[no-untyped-call]

    async def _admit_in_place(self, path: str) -> None:
        """Check a notebook that is on disk already."""
        if not await self.dir_exists(path):  # type: ignore[no-untyped-call]
            await self.save(await self._as_notebook(path), path)

    async def _as_notebook(self, path: str) -> dict[str, Any]:
        """The model of a file that must be a notebook, whatever it is called."""
        try:
            file = await self.get(path, content=True, type="file", format="text")
            content = nbformat.reads(file["content"], as_version=4)  # type: ignore[no-untyped-call]
        except Exception as error:
            # Nothing of the file may be in the answer, and nbformat's errors quote it.
            self.log.error("A file with a notebook's name is none (%s)", type(error).__name__)
            raise HTTPError(403, "This file is not a notebook, so it may not have a notebook's name.") from None
        return {"type": "notebook", "format": "json", "content": content}

    async def _copy_dir(self, from_path: str, to_path_original: str, to_name: str, to_path: str) -> dict[str, Any]:
        """The stock copy follows links; a folder that holds one is not copied."""
        for folder, folders, files in os.walk(self._get_os_path(from_path)):
            if any(os.path.islink(os.path.join(folder, name)) for name in (*folders, *files)):
                raise LinkRefused
        copied: dict[str, Any] = await super()._copy_dir(from_path, to_path_original, to_name, to_path)
        return copied

    def _admit(self, model: dict[str, Any]) -> dict[str, Any]:
        """The model with its notebook admitted; an error of the check refuses the save."""
        if model.get("type") != "notebook":
            return model
        try:
            return {**model, "content": self.admit_notebook(model["content"])}
        except Exception as error:
            self.log.error("The notebook check failed (%s)", type(error).__name__)
            raise HTTPError(403, "This notebook could not be checked, so it was not saved.") from error


def _is_notebook(path: str) -> bool:
    return path.strip("/").lower().endswith(".ipynb")
