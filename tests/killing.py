"""SIGKILL at a chosen write: the kernel stops a child process before each of its system calls that write.

A seccomp filter names the calls and ptrace hands the stops to the parent (seccomp(2), ptrace(2)).
"""

import ctypes
import os
import platform
import signal
import struct
import traceback
from collections.abc import Callable
from typing import NoReturn

# write, pwrite64, writev, pwritev, fsync, fdatasync, ftruncate, rename…, unlink…, mkdir…, rmdir, msync, fallocate
_WRITES = {
    "x86_64": (1, 18, 20, 296, 74, 75, 77, 82, 264, 316, 87, 263, 83, 258, 84, 26, 285),
    "aarch64": (64, 68, 66, 70, 82, 83, 46, 38, 276, 35, 34, 227, 47),
}.get(platform.machine(), ())
CAN_TRACE = platform.system() == "Linux" and bool(_WRITES)

_TRACEME, _CONTINUE, _SET_OPTIONS = 0, 7, 0x4200
_STOP_AT_FILTER, _KILL_WITH_TRACER = 0x80, 0x100000
_AT_FILTER = signal.SIGTRAP | 7 << 8
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER_MODE = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_TRACE, _ALLOW = 0x7FF00000, 0x7FFF0000


def kill_at_write(work: Callable[[], object], number: int) -> bool:
    """Run `work` in a forked child that is killed just before its write number `number`, counted from 1.

    Returns False when it came to its end with fewer writes. Fails the test when it failed.
    """
    child = os.fork()
    if child == 0:
        _be_traced(work)
    os.waitpid(child, 0)
    _ptrace(_SET_OPTIONS, child, _STOP_AT_FILTER | _KILL_WITH_TRACER)
    passed_on = 0
    while True:
        _ptrace(_CONTINUE, child, passed_on)
        _, status = os.waitpid(child, 0)
        if not os.WIFSTOPPED(status):
            assert os.waitstatus_to_exitcode(status) == 0, "the child failed; its traceback is above"
            return False
        at_write = status >> 8 == _AT_FILTER
        passed_on = 0 if at_write else os.WSTOPSIG(status)
        number -= at_write
        if number == 0:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return True


def _be_traced(work: Callable[[], object]) -> NoReturn:
    """The child's life: it does its work, and nothing of pytest's."""
    try:
        _ptrace(_TRACEME, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        _stop_at_writes()
        work()
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)


def _stop_at_writes() -> None:
    """Install the filter: the number of each system call is compared with those that write."""
    steps = [(_LOAD, 0, 0, 0)]
    steps += [(_JUMP_IF_EQUAL, len(_WRITES) - place, 0, call) for place, call in enumerate(_WRITES)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _TRACE)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("H6xQ", len(steps), ctypes.addressof(code)))
    for arguments in ((_NO_NEW_PRIVILEGES, 1, 0), (_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(program))):
        if _libc().prctl(*map(ctypes.c_ulong, arguments), ctypes.c_ulong(0), ctypes.c_ulong(0)):
            raise OSError(ctypes.get_errno(), "prctl failed")


def _ptrace(request: int, child: int, data: int) -> None:
    if _libc().ptrace(*map(ctypes.c_ulong, (request, child, 0, data))):
        raise OSError(ctypes.get_errno(), f"ptrace request {request} failed")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
