"""The command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from assay import __version__
from assay.errors import AssayError, Exit, UsageError
from assay.project import Project
from assay.sources.settings import find_root


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def command() -> None:
    """Check that everything a documentation site shows is true."""


@command.command()
@click.argument("paths", nargs=-1)
@click.option("--only", metavar="CHECK", help="Judge only what this check judges.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Work on N units at once.")
@click.option("--no-cache", is_flag=True, help="Judge everything again.")
@click.option(
    "--audit", type=click.FloatRange(0, 100), default=0, metavar="PERCENT",
    help="Judge a random part of the known again; fail where it comes out differently.",
)  # fmt: skip
@click.option(
    "--audit-dates", "days", type=click.IntRange(1), metavar="DAYS",
    help="Also list versions that nobody has looked up for so long.",
)  # fmt: skip
@click.option(
    "--prove", is_flag=True,
    help="Judge everything here, take nothing from evidence.lock, and compare it.",
)  # fmt: skip
@click.option(
    "--format", "style", type=click.Choice(["text", "json", "github"]), default="text",
    help="How to print findings.",
)  # fmt: skip
@click.option(
    "--base", metavar="REV",
    help="Trust this git revision's limits and modules, and not the work tree's.",
)  # fmt: skip
@click.option(
    "--unsafe-no-sandbox", "unsafe", is_flag=True,
    help="Run what pages show as ordinary programs, with all that your user may do.",
)  # fmt: skip
def check(
    paths: tuple[str, ...],
    only: str | None,
    jobs: int | None,
    no_cache: bool,
    audit: float,
    days: int | None,
    prove: bool,
    style: str,
    base: str | None,
    unsafe: bool,
) -> int:
    """Run and judge pages (all of them by default); write the evidence."""
    from assay import process, report, runner, supported
    from assay.progress import progress
    from assay.proving import differences
    from assay.rounds import Options

    _usable(only, prove)
    if unsafe:
        from assay.sandbox.unsafe import allowed as warning

        click.echo(warning(os.environ), err=True)
    project = Project(find_root(Path.cwd()), base, unsafe)
    with progress() as show:
        options = Options(
            use_cache=not no_cache, only=only, audit=audit, prove=prove, progress=show
        )
        if jobs:
            options.jobs = jobs
        run = runner.check(project, project.select(paths), options)
    more = (*(differences(run) if prove else ()), *supported.stale(days, project.root))
    made = report.make(run, process.count(), more)
    click.echo("\n".join(report.lines(made, style, project.root)))
    return int(made.exit_code)


def _usable(only: str | None, prove: bool) -> None:
    from assay.checkers import names

    if only is not None and only not in names():
        raise UsageError(f"unknown check {only!r}; allowed are {', '.join(map(repr, names()))}")
    if only and prove:
        raise UsageError("--prove compares whole pages; leave --only out")


@command.command()
@click.argument("paths", nargs=-1)
@click.option("--measures", is_flag=True, help="Also rewrite bound numbers in the prose.")
def accept(paths: tuple[str, ...], measures: bool) -> int:
    """Rewrite expected output from the real one; review the diff like code."""
    from assay import process, report
    from assay.accept import accept_pages
    from assay.progress import progress

    project = _project()
    with progress() as show:
        done = accept_pages(project, project.select(paths), measures, show)
    for path, count in done.changed.items():
        click.echo(f"{path}: {count} {'change' if count == 1 else 'changes'}")
    if not done.changed:
        click.echo("nothing to change")
    for where, message in ((f.position, f.message) for f in done.refused):
        click.echo(f"{where.path}:{where.line}:{where.column}: not rewritten: {message}")
    made = report.make(done.run, process.count())
    for line in report.as_text(made, project.root):
        click.echo(line)
    return int(made.exit_code)


@command.command()
def tools() -> int:
    """Fetch every toolchain and build every judge: what `check --prove` needs."""
    from assay.doctor import provide

    return _tell(provide(_project()))


@command.command()
@click.argument("paths", nargs=-1)
def watch(paths: tuple[str, ...]) -> int:
    """Check pages again whenever something that they are made of is saved."""
    from assay.watching import watch as keep_watching

    keep_watching(find_root(Path.cwd()), paths, click.echo)
    return int(Exit.OK)


@command.command()
@click.argument("page")
@click.option("--to", "target", metavar="PATH", help="A folder, or a file that ends with .txtar.")
def export(page: str, target: str | None) -> int:
    """Write a page's folder as txtar, or as files: to run it without assay."""
    from assay import export as exports

    project = _project()
    paths = project.select([page])
    if len(paths) != 1:
        raise UsageError(f"{page!r} holds {len(paths)} pages; name one")
    made = exports.tree(project, project.page(paths[0]))
    if target is None:
        click.echo(exports.archive(made), nl=False)
        return int(Exit.OK)
    for path in exports.write(made, Path(target)):
        click.echo(f"wrote {path}")
    click.echo(f"the page's commands are run in {made.start}")
    return int(Exit.OK)


@command.group()
def new() -> None:
    """Start a page, a lab or a check that passes as it is."""


@new.command("chapter")
@click.argument("name")
def new_chapter(name: str) -> int:
    """Start a page with its lab: NAME is CHAPTER or CHAPTER/PAGE."""
    from assay.new import chapter

    made = chapter(_project(), name)
    return _started(made.paths, made.next)


@new.command("lab")
@click.argument("name")
def new_lab(name: str) -> int:
    """Start a lab: a program with its test below the snippets folder."""
    from assay.new import lab

    made = lab(_project(), name)
    return _started(made.paths, made.next)


@new.command("check")
@click.argument("name")
def new_check(name: str) -> int:
    """Start a check of assay's own: module, cases and page."""
    from assay.new import check

    made = check(_project(), name)
    return _started(made.paths, made.next)


def _started(paths: tuple[str, ...], following: str) -> int:
    for path in paths:
        click.echo(f"wrote {path}")
    click.echo(f"next: {following}")
    return int(Exit.OK)


@command.command()
def doctor() -> int:
    """Say what this machine has and lacks."""
    from assay.doctor import examine

    return _tell(examine(_project()))


def _tell(lines: Iterator[tuple[bool, str]]) -> int:
    worst = Exit.OK
    for okay, line in lines:
        click.echo(f"{'ok  ' if okay else 'MISS'} {line}")
        worst = worst if okay else Exit.UNABLE
    return int(worst)


@command.command()
@click.argument("name", metavar="CHECK")
def explain(name: str) -> int:
    """Say what a check judges, and what it can't see."""
    from assay.explain import explanation

    click.echo(explanation(name))
    return int(Exit.OK)


def _project() -> Project:
    return Project(find_root(Path.cwd()))


def main() -> None:
    """Run the command; problems of the input are one line, tracebacks are our bugs."""
    try:
        code = command.main(standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"assay: {error.format_message()}", err=True)
        code = Exit.USAGE
    except AssayError as error:
        click.echo(f"assay: {error}", err=True)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("assay: interrupted; finished evidence is kept", err=True)
        code = Exit.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.OK
    sys.exit(int(code or 0))
