"""Putting the new file in the old one's place, so that at every moment there is the whole old or the whole new one."""

import errno
import os
import shutil
from pathlib import Path

from dbadmin.salvage.image import Image
from dbadmin.salvage.locking import lock
from dbadmin.salvage.quarantine import Original, sync_folder
from dbadmin.sqlite_file.overlay import JOURNAL_SUFFIX, WAL_SUFFIX, Overlay

_SHARED_MEMORY_SUFFIX = "-shm"


def swap(original: Original, image: Image, new: Path) -> None:
    """Replace the locked original by the new file, which must be closed."""
    settle(original, image)
    state = os.fstat(original.descriptor)
    descriptor = os.open(new, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fchmod(descriptor, state.st_mode & 0o7777)
        shutil.chown(new, state.st_uid, state.st_gid)
        # Whoever waits for the old file must not get hold of the new one before the work here is done.
        lock(descriptor, new, 0)
        os.fsync(descriptor)
        new.replace(original.path)
        sync_folder(original.path.parent)
    finally:
        os.close(descriptor)


def settle(original: Original, image: Image) -> None:
    """Do what SQLite would do when it next opens the file: take back the journal's change, copy the log's pages in.

    A log that outlived the swap would be laid over the new file. Interrupted at any point it begins again, since
    journal and log go last; the old file means the same before and after.
    """
    for overlay in image.overlays:
        _write_pages(original.descriptor, overlay)
    os.fsync(original.descriptor)
    for suffix in (JOURNAL_SUFFIX, WAL_SUFFIX, _SHARED_MEMORY_SUFFIX):
        Path(f"{original.path}{suffix}").unlink(missing_ok=True)
    sync_folder(original.path.parent)


def _write_pages(descriptor: int, overlay: Overlay) -> None:
    for number, page in overlay.pages.items():
        if os.pwrite(descriptor, page, (number - 1) * overlay.page_size) < len(page):
            raise OSError(errno.ENOSPC, "a page was not written whole")
    os.ftruncate(descriptor, overlay.page_count * overlay.page_size)
