"""Static files for production: each style sheet, and the module, that imports all others becomes one small file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

import rjsmin
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

CSS = ("css/portal.css", "css/uem.css")
JS = "js/portal.js"

CSS_IMPORT = re.compile(r'^@import "(?P<name>[^"]+)" layer\((?P<layer>[\w-]+)\);$', re.MULTILINE)
CSS_URL = re.compile(r'url\("(?!data:|/|https?:)(?P<name>[^"]+)"\)')
# Comments, indentation and line ends: nothing that could mean something, as blanks within a selector do.
CSS_NOISE = re.compile(r"/\*.*?\*/|(?<=[{};,\n])\s+", re.DOTALL)
JS_IMPORT = re.compile(r'^import "\./(?P<name>[^"]+)";$', re.MULTILINE)
# What a module takes from another one: in the joined file these names are there already.
JS_NAMES = re.compile(r'^import \{ (?P<names>[^}]+) \} from "\./(?P<name>[^"]+)";$', re.MULTILINE)
JS_EXPORT = re.compile(r"^export ", re.MULTILINE)


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Puts imported files in place of their import when static files are collected.

    In static/ each component has a file of its own, which development serves as it is. Apart, they would cost a
    request each and compress badly. Comments and blanks go as well: they are a tenth of what would travel.
    """

    def post_process(
        self,
        paths: dict[str, Any],
        dry_run: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **options: Any,
    ) -> Iterator[Any]:
        """Join the entry files of `paths` (name to storage and path), then hash and compress everything."""
        if not dry_run:
            joined = {name: join_css(paths, name) for name in CSS if name in paths}
            if JS in paths:
                joined[JS] = join_js(paths)
            for name, text in joined.items():
                self.delete(name)
                self.save(name, ContentFile(text.encode()))
            paths = {**paths, **{name: (self, name) for name in joined}}
        yield from super().post_process(paths, dry_run, **options)


def join_css(paths: dict[str, Any], entry: str = CSS[0]) -> str:
    """The style sheet with each import replaced by a layer around that file; addresses inside stay right."""
    folder = posixpath.dirname(entry)

    def imported(match: re.Match[str]) -> str:
        name = posixpath.join(folder, match["name"])

        def moved(url: re.Match[str]) -> str:
            target = posixpath.join(posixpath.dirname(name), url["name"])
            return f'url("{posixpath.relpath(target, folder)}")'

        return f"@layer {match['layer']} {{\n{CSS_URL.sub(moved, _read(paths, name))}}}"

    return CSS_NOISE.sub("", CSS_IMPORT.sub(imported, _read(paths, entry)))


def join_js(paths: dict[str, Any]) -> str:
    """The module with each import replaced by a block of that file's statements; names that it exports hold for all."""
    folder = posixpath.dirname(JS)

    def imported(match: re.Match[str]) -> str:
        text = JS_NAMES.sub("", _read(paths, posixpath.join(folder, match["name"])))
        return JS_EXPORT.sub("", text) if JS_EXPORT.search(text) else f"{{\n{text}}}"

    return str(rjsmin.jsmin(JS_IMPORT.sub(imported, _read(paths, JS))))


def _read(paths: dict[str, Any], name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return str(file.read().decode())
