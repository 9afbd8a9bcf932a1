"""The two channels beside findings: wrong usage, and not being able to check."""

from __future__ import annotations

import enum


class Exit(enum.IntEnum):
    """Exit codes of the command line."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    UNABLE = 3
    INTERRUPTED = 130


class AssayError(Exception):
    """A one-line message for the person at the terminal: seen, allowed, what to do next."""

    exit_code = Exit.UNABLE


class UsageError(AssayError):
    """The command line or a settings file is wrong."""

    exit_code = Exit.USAGE


class UnableError(AssayError):
    """A check could not be made; the block is neither right nor wrong."""


class SandboxUnavailableError(UnableError):
    """No box can be had on this machine; nothing was executed."""
