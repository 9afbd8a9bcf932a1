"""Generate the system call filters; running this file writes the `.bpf` files.

A deny-list: namespaces and dropped capabilities are the wall, the filter closes what they leave
open. Each entry says why. Numbers: Linux `asm/unistd_64.h` (x86_64) and `asm-generic/unistd.h`
(aarch64).
"""

from __future__ import annotations

import struct
from pathlib import Path

EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _JEQ, _JGE, _JSET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NR, _ARCH, _ARG0, _ARG1 = 0, 4, 16, 24

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name: (x86_64, aarch64); None where the architecture has no such call
DENIED: dict[str, tuple[int | None, int | None]] = {
    # looking into or steering other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    "move_pages": (279, 239),
    # changing the view of the file system
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "open_tree_attr": (467, 467),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # new namespaces: the whole privileged kernel surface behind one call
    "unshare": (272, 97), "setns": (308, 268),
    # large kernel surfaces with a history of holes
    "bpf": (321, 280), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "fanotify_init": (300, 262), "lookup_dcookie": (212, 18), "modify_ldt": (154, None),
    "uselib": (134, None), "sysfs": (139, None), "nfsservctl": (180, 42),
    # the machine as a whole
    "clock_settime": (227, 112), "settimeofday": (164, 170), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "syslog": (103, 116), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "iopl": (172, None), "ioperm": (173, None), "vhangup": (153, 58),
}  # fmt: skip
# AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; AF_VSOCK is not bound to the network namespace
FAMILIES = (1, 2, 10, 16)
_SOCKET, _IOCTL, _CLONE, _CLONE3 = (41, 198), (16, 29), (56, 220), (435, 435)
_TIOCSTI, _TIOCLINUX, _CLONE_NEWUSER = 0x5412, 0x541C, 0x10000000
_X32_BIT = 0x40000000

Instruction = tuple[int, int, int, int]


def _returning(value: int) -> Instruction:
    return (_RETURN, 0, 0, value)


def _denied(number: int, error: int) -> list[Instruction]:
    return [(_JEQ, 0, 1, number), _returning(_ERRNO | error)]


def _guarded(number: int, tests: list[Instruction]) -> list[Instruction]:
    """Run `tests`, which must end in a return, for this call only."""
    return [(_JEQ, 0, len(tests), number), *tests]


def program(architecture: str) -> bytes:
    """Assemble the filter of one architecture."""
    column = list(ARCHITECTURES).index(architecture)
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_JEQ, 1, 0, ARCHITECTURES[architecture]),
        _returning(_KILL),
        (_LOAD, 0, 0, _NR),
    ]
    if architecture == "x86_64":
        code += [(_JGE, 0, 1, _X32_BIT), _returning(_ERRNO | ENOSYS)]
    for numbers in DENIED.values():
        number = numbers[column]
        if number is not None:
            code += _denied(number, EPERM)
    # clone3 hides its flags in memory, out of a filter's sight; C libraries fall back to clone
    code += _denied(_CLONE3[column], ENOSYS)
    allow, refuse = _returning(_ALLOW), _returning(_ERRNO | EPERM)
    flags: list[Instruction] = [(_LOAD, 0, 0, _ARG0), (_JSET, 0, 1, _CLONE_NEWUSER), refuse, allow]
    code += _guarded(_CLONE[column], flags)
    # typing into a terminal
    request: list[Instruction] = [(_LOAD, 0, 0, _ARG1)]
    for value in (_TIOCSTI, _TIOCLINUX):
        request += [(_JEQ, 0, 1, value), refuse]
    code += _guarded(_IOCTL[column], [*request, allow])
    family: list[Instruction] = [(_LOAD, 0, 0, _ARG0)]
    for value in FAMILIES:
        family += [(_JEQ, 0, 1, value), allow]
    code += _guarded(_SOCKET[column], [*family, _returning(_ERRNO | EAFNOSUPPORT)])
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in [*code, allow])


def path(architecture: str) -> Path:
    """Name the committed filter of an architecture."""
    return Path(__file__).with_name(f"filter.{architecture}.bpf")


if __name__ == "__main__":
    for name in ARCHITECTURES:
        path(name).write_bytes(program(name))
