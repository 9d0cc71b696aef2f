"""Static files for production: the style sheet that imports all others is collected as one file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'^@import "(?P<name>[^"]+)" layer\((?P<layer>[\w-]+)\);$', re.MULTILINE)
URL = re.compile(r'url\("(?!data:|/|https?:)(?P<name>[^"]+)"\)')


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Puts imported style sheets in place of their @import when static files are collected.

    In static/ each component has a file of its own, which development serves as it is. Apart, they would cost a
    request each and compress badly.
    """

    entry = "css/portal.css"

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:  # noqa: FBT001, FBT002
        if self.entry in paths and not dry_run:
            bundle = self._inline(paths)
            self.delete(self.entry)
            self.save(self.entry, ContentFile(bundle.encode()))
            paths = {**paths, self.entry: (self, self.entry)}
        yield from super().post_process(paths, dry_run, **options)

    def _inline(self, paths: dict[str, Any]) -> str:
        folder = posixpath.dirname(self.entry)

        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return str(file.read().decode())

        def imported(match: re.Match[str]) -> str:
            name = posixpath.join(folder, match["name"])
            css = URL.sub(
                lambda url: f'url("{posixpath.relpath(posixpath.join(posixpath.dirname(name), url["name"]), folder)}")',
                read(name),
            )
            return f"@layer {match['layer']} {{\n{css}}}"

        return IMPORT.sub(imported, read(self.entry))
