"""Read the commands and flags of a tool from what it says itself, in each form of help."""

from __future__ import annotations

import json
import os
import re
import subprocess  # noqa: TID251 - a tool of the repository, not a part of assay
import tempfile
from collections.abc import Callable, Iterator

# A command's name below its tool ('' for the tool itself) -> its flags -> what they take.
Rows = dict[str, dict[str, str]]

SECTION = re.compile(r"^([A-Z][\w ()/-]*):\s*$", re.MULTILINE)
ENTRY = re.compile(r"^ *([a-z][\w-]*)\*?(?:,| {2,})", re.MULTILINE)
LONG = re.compile(
    r"^ +(?:(-\w)(?:, *| +))?(--[\w.-]+)?(?:[ =]?(<[^>]+>|[\w\[{][^\s]*))?(?: {2,}|$)"
)
KUBECTL = re.compile(r"^ +(?:(-\w), )?(--[\w-]+)=(.*):$")
GIT = re.compile(
    r"^ {4}(?:(-\w)(?:, )?)?(--(\[no-\])?[\w-]+)?( ?\[=?<?.*?\]| ?<.*| ?\(.*|\.\.\.)?(?: {2,}|$)"
)
KINGPIN = re.compile(r"^ +(?:(-\w), |    )?(--(\[no-\])?[\w.-]+)(=\S+)?")


def said(*command: str) -> str:
    """Return all that a command prints; it sees an empty repository and writes nowhere else."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as empty:
        if command[0] == "git":  # some commands explain themselves only in a repository
            subprocess.run(("git", "init", "--quiet", empty), check=True)  # noqa: S607 - PATH is what it reads
        caches = {"GOMODCACHE": f"{empty}/mod", "GOCACHE": f"{empty}/cache", "GOPROXY": "off"}
        env = {**os.environ, "HOME": empty, **caches, "COLUMNS": "500", "GOTELEMETRY": "off"}
        done = subprocess.run(
            command, cwd=empty, env=env, stdin=subprocess.DEVNULL, timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            check=False,
        )  # fmt: skip
        return done.stdout


# -- Go's flag package: asked for one flag after another, it says of each what it takes -----------
def probed(command: tuple[str, ...], text: str) -> dict[str, str]:
    """Ask a command about every flag that its help mentions."""
    found = {}
    for name in sorted(set(re.findall(r"(?<![\w-])--?([A-Za-z%+][\w.-]*)", text))):
        kind = _probe(command, f"-{name}")
        if kind:
            found[f"-{name}"] = kind
    return found


def _probe(command: tuple[str, ...], flag: str) -> str:
    out = said(*command, flag)
    if "provided but not defined" in out:
        return ""
    if "needs an argument" not in out:
        return "bool"
    if "invalid value" not in said(*command, flag, "zz"):
        return "text"
    if "invalid value" not in said(*command, flag, "1s"):
        return "text" if "invalid value" not in said(*command, flag, "1s1") else "duration"
    more = ("1.5", "1/1s", "1MB", "1k", "on", "auto", "none", "all")
    fits = ["invalid value" not in said(*command, flag, value) for value in ("1", *more)]
    return "int" if fits == [True, *[False] * len(more)] else "text"


def flag_tool(*commands: str) -> Callable[[str], Rows]:
    """A tool with Go's flag package, its commands named here."""

    def read(tool: str) -> Rows:
        rows = {"": probed((tool,), said(tool, "-h") + said(tool, "--help"))}
        return rows | {c: probed((tool, c), said(tool, c, "-h")) for c in commands}

    return read


def _listed(text: str) -> list[str]:
    commands = text.partition("commands are")[2].partition('Use "go help')[0]
    return ENTRY.findall(commands.replace("\t", "  "))


def go(tool: str) -> Rows:
    """The go command: `go help`, and each flag tried."""
    build, test = said(tool, "help", "build"), said(tool, "help", "testflag")
    rows: Rows = {"": probed((tool,), said(tool, "help", "build")) and {}}
    for name in _listed(said(tool, "help")):
        text = said(tool, "help", name)
        if name in ("mod", "work", "tool"):
            rows[name] = {"-n": "bool"} if name == "tool" else {}
            for sub in _listed(text) if name != "tool" else ():
                rows[f"{name} {sub}"] = probed((tool, name, sub), said(tool, "help", name, sub))
        elif name == "test":
            listed = " ".join(re.findall(r"^\t(-\w+)", text + build + test, re.MULTILINE))
            rows[name] = probed((tool, name), listed)
        else:
            rows[name] = probed((tool, name), text + build)
    vet = json.loads(said(tool, "tool", "vet", "-flags"))
    rows["vet"] |= {f"-{f['Name']}": "bool" if f["Bool"] else "text" for f in vet}
    for name in ("asm", "compile", "cover", "link"):
        rows[f"tool {name}"] = probed((tool, "tool", name), said(tool, "tool", name, "-help"))
    return {name: flags for name, flags in rows.items() if name not in ("help", "bug")}


# -- help texts ------------------------------------------------------------------------------------
def sections(text: str) -> Iterator[tuple[str, str]]:
    """Split a help text at its headings."""
    parts = SECTION.split(text)
    return zip(parts[1::2], parts[2::2], strict=True)


def cobra(tool: str) -> Rows:
    """Cobra's help: its commands one by one."""
    rows: Rows = {}
    todo: list[tuple[str, ...]] = [()]
    while todo:
        path = todo.pop()
        text = said(tool, *path, "--help")
        flags, below = {"-h": "bool", "--help": "bool"}, []
        for heading, body in sections(text):
            if re.search("flags|options", heading, re.IGNORECASE):
                flags |= pflag(body)
            elif "ommand" in heading and "dditional help" not in heading:
                below += [(*path, n) for n in ENTRY.findall(body) if n not in ("help", tool)]
            elif heading == "Aliases":
                names = [n.split()[1:] if " " in n.strip() else [*path[:-1], n.strip()]
                         for n in body.strip().split(",")]  # fmt: skip
                rows |= {" ".join(n): flags for n in names}
        rows[" ".join(path)] = flags
        todo += [b for b in below if len(b) < 4 and " ".join(b) not in rows]
    return rows


def pflag(body: str) -> dict[str, str]:
    """Read the flags of a section: pflag's own form, or kubectl's."""
    found = {}
    for line in body.splitlines():
        if m := KUBECTL.match(line):
            kind = "bool" if m[3] in ("true", "false") else "text"
            kind = "optional" if m[2] in ("--dry-run", "--validate", "--cascade") else kind
            found |= {n: _typed(m[3]) if kind == "text" else kind for n in m.groups()[:2] if n}
        elif (m := LONG.match(line)) and (m[1] or m[2]):
            word = m[3] or ""
            kind = "optional" if "[=" in word else "bool"
            if word and kind == "bool":
                kind = {"int": "int", "uint": "int", "duration": "duration"}.get(word, "text")
            found |= {n: kind for n in m.groups()[:2] if n}
    return found


def _typed(default: str) -> str:
    if re.fullmatch(r"-?\d+", default):
        return "int"
    return "duration" if re.fullmatch(r"(\d+[hms])+", default) else "text"


def kubectl(tool: str) -> Rows:
    """Its help is cobra's, and what every command takes stands apart."""
    everywhere = pflag(said(tool, "options"))
    return {name: flags | everywhere for name, flags in cobra(tool).items()}


def kingpin(tool: str) -> Rows:
    """Kingpin's `--help-long` names every command with its flags."""
    rows: Rows = {"": {}}
    name = ""
    for line in said(tool, "--help-long").splitlines():
        if line.startswith("Commands:"):
            name = "?"
        elif name and (m := re.match(r"^([a-z][a-z -]*?)(?: [\[<]|$)", line)):
            name = m[1].strip()
            rows[name] = dict(rows[""])
        elif name != "?":
            rows[name] |= _kingpin(line)
    for above in {n.rpartition(" ")[0] for n in rows} - {""}:  # flags that all below it take
        flags: dict[str, str] = {}
        for line in said(tool, *above.split(), "--help").splitlines():
            flags |= _kingpin(line)
        for name in rows:
            if name.startswith(f"{above} "):
                rows[name] |= flags
    return rows


def _kingpin(line: str) -> dict[str, str]:
    m = KINGPIN.match(line)
    if m is None:
        return {}
    names = [m[1], m[2].replace("[no-]", "")] + [m[2].replace("[no-]", "no-")] * bool(m[3])
    return {n: "text" if m[4] else "bool" for n in names if n}


GIT_COMMANDS = (
    "add am apply branch checkout cherry-pick clean clone commit config describe fetch init merge "
    "mv notes pull push rebase reset restore revert rm status switch tag"
)


def git(tool: str) -> Rows:
    """Git's commands that list every flag of theirs; of the others only the name."""
    usage = said(tool, "--help").partition("These are")[0]
    rows: Rows = {"": {"-h": "bool", "--help": "bool", "-C": "text", "-c": "text"}}
    rows[""] |= dict.fromkeys(re.findall(r"--[\w-]+", usage), "optional")
    for name in GIT_COMMANDS.split():
        rows[name] = {}
        for line in said(tool, name, "--help-all").splitlines():
            m = GIT.match(line)
            if m and (m[1] or m[2]):
                value = (m[4] or "").strip()
                kind = "bool" if not value else "optional" if value[0] == "[" else "text"
                names = [m[1], (m[2] or "").replace("[no-]", "")]
                rows[name] |= {n: kind for n in names if n}
    return rows


def plain(*help_flags: str) -> Callable[[str], Rows]:
    """One list of flags: getopt's form, as curl, wrk and ShellCheck print it."""

    def read(tool: str) -> Rows:
        found = {}
        for line in said(tool, *help_flags).splitlines():
            words = [w.rstrip(",") for w in line.split()]
            names = [w for w in words[:4] if re.fullmatch(r"-[\w#:]|-\w\[?[A-Z].*|--[\w.-]+.*", w)]
            if not names or not line.startswith(" "):
                continue
            value = re.search(r"--?[\w.#-]+(,? *<|=\w| [A-Z]{2,}|\[=)", line)
            kind = "bool" if not value else "optional" if "[" in value[1] else "text"
            for name in names:
                found[re.match(r"--[\w.-]+|-[\w#:]", name)[0]] = kind  # type: ignore[index]
        return {"": found}

    return read
