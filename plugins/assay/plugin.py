"""MkDocs plugin: marks blocks, fills the home page, and fails a strict build without proof."""

from __future__ import annotations

import json
from logging import WARNING
from pathlib import Path
from typing import Any, Literal

from mkdocs.config import base
from mkdocs.config import config_options as c
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

from assay import home
from assay.errors import AssayError
from assay.markdown_ext import AssayExtension
from assay.project import Project
from assay.sources.catalogue import entries, navigation
from assay.sources.recorder import RAW
from assay.sources.settings import BRING_SUPERFENCES
from assay.verdicts import ACCEPTED, Verdicts

log = get_plugin_logger("assay")
UNCHECKED = (
    "%s: %d blocks were built and %d checked; another plugin makes or removes blocks, "
    "which nothing checks"
)


UNSANDBOXED = (
    "%s:%d: the block was judged without a sandbox; check it in one, or set the plugin's option "
    "unsandboxed"
)
FOREIGN = "%s: another plugin adds %d code blocks to the page, which nothing checks"


class AssayConfig(base.Config):  # type: ignore[no-untyped-call]
    """The plugin's options in mkdocs.yml."""

    enabled = c.Type(bool, default=True)
    require = c.Choice(tuple(ACCEPTED), default="proven")
    catalogue = c.Type(bool, default=False)
    unsandboxed = c.Type(bool, default=False)


class AssayPlugin(BasePlugin[AssayConfig]):  # type: ignore[no-untyped-call]
    """Thin hooks; everything that is decided is decided in the core."""

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Keep this object alive across rebuilds of `mkdocs serve`."""

    @event_priority(-50)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig | None:
        """Put the extension behind all others; make the navigation where it is asked for."""
        if not self.config.enabled:
            return None
        self.warned = 0
        root = Path(config.config_file_path or "mkdocs.yml").resolve().parent
        try:
            self.verdicts = Verdicts(Project(root))
            known = self.verdicts.everything()
        except AssayError as error:
            raise PluginError(f"assay: {error}") from error
        docs = self.verdicts.project.settings.docs.relative_to(root).as_posix()
        self.listed = entries((v.page for v in known), docs)
        self.known = {v.page.path.removeprefix(f"{docs}/"): v for v in known}
        self.extension = AssayExtension(verdicts=self.verdicts)
        self.extension.late = {}
        if not BRING_SUPERFENCES & set(config.markdown_extensions):
            config.markdown_extensions.append("pymdownx.superfences")
        config.markdown_extensions.append(self.extension)  # type: ignore[arg-type]
        if self.config.catalogue and config.nav is None:
            config.nav = navigation(self.listed)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Publish the evidence."""
        if self.config.enabled:
            made = home.evidence(list(self.known.values()))
            text = json.dumps(
                made, ensure_ascii=False, sort_keys=True
            )  # indent= takes ten times as long
            files.append(File.generated(config, "evidence.json", content=text + "\n"))
        return files

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str | None:
        """Tell the extension which page comes, and fill the home page's markers."""
        if not self.config.enabled:
            return None
        root = self.verdicts.project.root
        source = page.file.abs_src_path
        self.extension.path = Path(source).relative_to(root).as_posix() if source else ""
        return home.fill(markdown, self.listed, self.known) if self.config.catalogue else None

    @event_priority(-100)
    def on_page_content(
        self, html: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str | None:
        """Warn about what isn't proven: `--strict` makes the warning an error."""
        if not self.config.enabled or not self.extension.path:
            return None
        path = self.extension.path
        verdict = self.verdicts.page(path)
        if verdict.date:  # the sitemap has it: a build on another day gives the same bytes
            page.update_date = verdict.date
        # MkDocs looks for anchors before it knows the blocks' ones.
        (page.present_anchor_ids or set()).update(
            f"block-{n + 1}" for n in range(len(verdict.blocks))
        )
        accepted = ACCEPTED[self.config.require]
        bad = [b for b in verdict.blocks if b.status not in accepted]
        for block in bad:
            line = block.block.line
            self._warn("%s:%s: block is %s; run assay check %s", path, line, block.status, path)
        for block in verdict.blocks:
            if block.unsandboxed and not self.config.unsandboxed:
                self._warn(UNSANDBOXED, path, block.block.line)
        for problem in verdict.page.problems:
            where = problem.position
            place = f"{where.path}:{where.line}:{where.column}"
            self._warn("%s: %s", place, problem.message)
        if not bad and not verdict.page.problems and verdict.status not in accepted:
            self._warn("%s: the page is %s; run assay check %s", path, verdict.status, path)
        shown = html.count('class="assay-block"')
        if shown != len(verdict.blocks):
            self._warn(UNCHECKED, path, shown, len(verdict.blocks))
        more = len(RAW.findall(html)) - self.extension.raw
        if more > 0:
            self._warn(FOREIGN, path, more)
        return None

    @event_priority(-100)
    def on_page_context(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> None:
        """Put the marks in: search has read the page by now, and needn't read them."""
        if self.config.enabled and page.content:
            page.content = self.extension.completed(page.content)

    def _warn(self, message: str, *about: object) -> None:
        self.warned += 1
        log.warning(message, *about)

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """End a strict build in which MkDocs was told to be too quiet to count warnings."""
        if config.strict and self.config.enabled and self.warned and not log.isEnabledFor(WARNING):
            raise PluginError(f"assay: {self.warned} warnings; build without --quiet to see them")

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any
    ) -> LiveReloadServer:
        """Rebuild when a check has written new evidence."""
        if self.config.enabled:
            index = self.verdicts.project.store.folder / "index"
            index.mkdir(parents=True, exist_ok=True)
            server.watch(str(index))
        return server
