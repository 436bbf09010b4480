"""SIGKILL at a chosen write: a traced child process, stopped by the kernel before each of its system calls that write."""

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
    "x86_64": {1, 18, 20, 296, 74, 75, 77, 82, 264, 316, 87, 263, 83, 258, 84, 26, 285},
    "aarch64": {64, 68, 66, 70, 82, 83, 46, 38, 276, 35, 34, 227, 47},
}
_TRACEME, _SYSCALL, _SET_OPTIONS, _SYSCALL_INFO = 0, 24, 0x4200, 0x420E
_GOOD_STOPS, _KILL_WITH_TRACER = 1, 0x100000
_ENTRY = 1
_SYSCALL_STOP = signal.SIGTRAP | 0x80

CAN_TRACE = platform.system() == "Linux" and platform.machine() in _WRITES


def kill_at_write(work: Callable[[], object], number: int) -> bool:
    """Run `work` in a forked child that is killed just before its write number `number`, counted from 1.

    Returns False when it came to its end with fewer writes. Fails the test when it failed.
    """
    child = os.fork()
    if child == 0:
        _be_traced(work)
    os.waitpid(child, 0)
    _trace(_SET_OPTIONS, child, _GOOD_STOPS | _KILL_WITH_TRACER)
    pending, seen = 0, 0
    while True:
        _trace(_SYSCALL, child, pending)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the child failed; its traceback is above"
            return False
        assert os.WIFSTOPPED(status), f"the child ended by signal {os.WTERMSIG(status)}"
        stopped_by = os.WSTOPSIG(status)
        pending = 0 if stopped_by in {_SYSCALL_STOP, signal.SIGTRAP} else stopped_by
        if stopped_by == _SYSCALL_STOP and _is_write(child):
            seen += 1
            if seen == number:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return True


def _be_traced(work: Callable[[], object]) -> NoReturn:
    """The child's life: it does its work, and nothing of pytest's."""
    try:
        _trace(_TRACEME, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _is_write(child: int) -> bool:
    """Whether the child is about to begin a system call that writes."""
    info = ctypes.create_string_buffer(88)
    _trace(_SYSCALL_INFO, child, ctypes.addressof(info), address=len(info))
    operation, number = struct.unpack_from("B23xQ", info)
    return operation == _ENTRY and number in _WRITES[platform.machine()]


def _trace(request: int, child: int, data: int, *, address: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    if libc.ptrace(request, child, address, data) == -1:
        raise OSError(ctypes.get_errno(), f"ptrace request {request} failed")
