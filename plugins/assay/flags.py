"""Commands and flags: what a command line says, held against the table of what tools have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assay.flagtable import Tool, table

# What starts another command: how many of its own words stand before it.
WRAPPERS = {"command": 0, "exec": 0, "nohup": 0, "sudo": 0, "time": 0, "env": 0, "timeout": 1}
ANY = "*"
# So many names are listed, of more it is said where they are.
FEW = 24
HELP = ("-h", "-help", "--h", "--help")
FORMS: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "int": ("a whole number", re.compile(r"[-+]?(0[xXbBoO])?[0-9a-fA-F_]+")),
    "duration": (
        "a duration such as '30s'", re.compile(r"[-+]?(0|(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+")
    ),
}  # fmt: skip
# Flags of the go command that hand flags on to one of its tools.
HANDED_ON = {"-asmflags": "tool asm", "-gcflags": "tool compile", "-ldflags": "tool link"}


@dataclass(frozen=True)
class Word:
    """A word of a command: all of its text if `whole`; an `open` one may be none or several."""

    text: str
    whole: bool
    open: bool
    line: int
    column: int


def faults(words: Sequence[Word]) -> Iterator[tuple[Word, str]]:
    """Yield what is wrong with a command, at its word; nothing for a tool that nobody knows."""
    while words and words[0].whole and words[0].text in WRAPPERS:
        skip = 1 + WRAPPERS[words[0].text]
        words = words[skip:]
        while words and re.match(r"\w+=", words[0].text):
            words = words[1:]
    tool = table().get(words[0].text) if words and words[0].whole else None
    if tool is not None:
        yield from _command(tool, "", words[1:])


def _command(tool: Tool, command: str, words: Sequence[Word]) -> Iterator[tuple[Word, str]]:
    index, settled = 0, False
    while index < len(words):
        word, flags = words[index], tool.commands.get(command, {})
        if ANY in flags or word.text == "--":
            return
        if word.text.startswith("-") and word.text != "-":
            taken, found = _flag(tool, command, words[index:], own=settled)
            yield from found
            index += taken
            continue
        index += 1
        below = [] if settled else tool.below(command)
        if below and not word.whole:
            return  # which command it is can't be told
        if word.text in below and word.whole:
            command = f"{command} {word.text}".strip()
            continue
        if below and command not in tool.runs and tool.reading(command) != "program":
            yield from _unknown_command(tool, command, word, below)
            return
        settled = settled or word.whole or not word.open
        if not settled:
            continue
        if tool.reading(command) == "program":
            return
        if tool.reading(command) == "error":
            yield from _late(tool, command, word, words[index:])
            return


def _unknown_command(
    tool: Tool, command: str, word: Word, below: Sequence[str]
) -> Iterator[tuple[Word, str]]:
    if _near(word.text, below) or not tool.plugins:
        known = _known(tool, command, word.text, below)
        yield word, f"{tool.full(command)!r} has no command {word.text!r}; {known}"


def _late(
    tool: Tool, command: str, first: Word, rest: Sequence[Word]
) -> Iterator[tuple[Word, str]]:
    for word in rest:
        if word.text == "--":
            return
        if word.whole and re.match(r"-\D", word.text):
            yield (
                word,
                (
                    f"{word.text!r} stands after {first.text or 'an argument'!r}, where "
                    f"{tool.full(command)!r} reads no more flags; put it before"
                ),
            )
            return


Found = list[tuple[Word, str]]


def _flag(tool: Tool, command: str, words: Sequence[Word], own: bool) -> tuple[int, Found]:
    """Read one flag: how many words it takes, and what is wrong with it.

    `own` says that a program's own flags may stand here, if the command runs one.
    """
    word = words[0]
    flags, text = tool.commands.get(command, {}), word.text
    if tool.parser == "go":
        text = re.sub(r"^--", "-", text)
    elif not text.startswith("--"):
        return _cluster(tool, command, words)
    name, equals, value = text.partition("=")
    if (not word.whole and not equals) or name in HELP:
        return 1, []
    kind = _kind(tool, flags, name)
    if kind is None:
        own = own and tool.reading(command) == "own" and not _near(name, flags)
        return _skipped(words), [] if own else [(word, _unknown(tool, command, name, flags))]
    if kind in ("bool", "optional"):
        return 1, []
    if equals:
        return 1, _value(tool, command, name, kind, Word(value, word.whole, False, *_at(word)))
    return _taken(tool, command, name, kind, words)


def _skipped(words: Sequence[Word]) -> int:
    """What an unknown flag takes: the next word may be its value."""
    value = "=" not in words[0].text and len(words) > 1 and not words[1].text.startswith("-")
    return 2 if value else 1


def _taken(
    tool: Tool, command: str, name: str, kind: str, words: Sequence[Word]
) -> tuple[int, Found]:
    """Read the value of a flag from the next word."""
    if len(words) == 1:
        what = FORMS[kind][0] if kind in FORMS else "a value"
        return 1, [(words[0], f"{name!r} of {tool.full(command)!r} takes {what}, and none follows")]
    return 2, _value(tool, command, name, kind, words[1])


def _kind(tool: Tool, flags: Mapping[str, str], name: str) -> str | None:
    """What a flag takes; None where there is none of the name."""
    if name in flags or tool.parser == "go":
        return flags.get(name)
    if tool.parser in ("getopt", "kingpin") and f"--{name.removeprefix('--no-')}" in flags:
        return "bool"
    begun = {n for n in flags if n.startswith(name)} if tool.parser == "getopt" else set()
    return flags[begun.pop()] if len(begun) == 1 else None


def _cluster(tool: Tool, command: str, words: Sequence[Word]) -> tuple[int, Found]:
    """Read letters behind one dash; the first that takes a value has the rest, or the next word."""
    flags, letters = tool.commands.get(command, {}), words[0].text[1:]
    for place, letter in enumerate(letters):
        kind = flags.get(f"-{letter}")
        if kind is None and letter == "h":
            return 1, []
        if kind is None:
            shown = f"-{letter}" if place or len(letters) == 1 else words[0].text
            return _skipped(words), [(words[0], _unknown(tool, command, shown, flags))]
        if kind == "optional":
            return 1, []
        if kind != "bool":
            rest = letters[place + 1 :].removeprefix("=")
            if not rest and words[0].whole:
                return _taken(tool, command, f"-{letter}", kind, words)
            value = Word(rest, words[0].whole, False, *_at(words[0]))
            return 1, _value(tool, command, f"-{letter}", kind, value)
    return 1, []


def _value(tool: Tool, command: str, name: str, kind: str, value: Word) -> Found:
    """Judge a flag's value."""
    if not value.whole:
        return []
    if kind in FORMS and not FORMS[kind][1].fullmatch(value.text):
        wanted = f"{name!r} of {tool.full(command)!r} takes {FORMS[kind][0]}"
        return [(value, f"{wanted}, {value.text!r} isn't one")]
    if tool.name == "go" and name in HANDED_ON:
        inner = re.sub(r"^[^-\s]*=", "", value.text)
        parts = [p.strip("'\"") for p in re.findall(r"'[^']*'|\"[^\"]*\"|\S+", inner)]
        words = [Word(p, True, False, *_at(value)) for p in parts]
        return [
            (value, f"{message} (in {name})")
            for _, message in _command(tool, HANDED_ON[name], words)
        ]
    return []


def _unknown(tool: Tool, command: str, name: str, flags: Mapping[str, str]) -> str:
    return f"{tool.full(command)!r} has no flag {name!r}; {_known(tool, command, name, flags)}"


def _known(tool: Tool, command: str, name: str, names: Iterable[str]) -> str:
    near = _near(name, names)
    if near:
        return f"the nearest is {near[0]!r}"
    if len([*names]) > FEW:
        return f"{tool.help(command)!r} lists what it has"
    return "it has " + (", ".join(repr(n) for n in sorted(names)) or "none")


def _near(name: str, names: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(name, names, 1, 0.7)


def _at(word: Word) -> tuple[int, int]:
    return word.line, word.column
