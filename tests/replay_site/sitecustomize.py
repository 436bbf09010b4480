"""Loaded at the start of every process a test starts: recordings instead of the network, and faults on demand.

REPLAY_DIRS: scenarios, see ../shared/recordings/replay.py.   REPLAY_LOG: every request is appended to this file.
REPLAY_HOLD: requests after the first of a list wait while this file exists.
REPLAY_KILL: a part of a URL; who asks for it kills itself.
"""

import os
import signal
import sys
import time
from pathlib import Path

if os.environ.get("REPLAY_DIRS"):
    sys.path.insert(0, os.environ["REPLAY_HOME"])
    import replay
    import replayed_requests  # type: ignore[import-not-found]  # beside this file

    library = replay.install_from_env()
    answer = library.find

    def find(method: str, url: str, body: bytes | None = None, ignore_host: bool = False) -> object:
        if log := os.environ.get("REPLAY_LOG"):
            with Path(log).open("a") as file:
                file.write(f"{os.getpid()} {method} {url}\n")
        if (part := os.environ.get("REPLAY_KILL")) and part in url:
            os.kill(os.getpid(), signal.SIGKILL)
        hold = os.environ.get("REPLAY_HOLD")
        while hold and "youtubei/v1/browse" in url and Path(hold).exists():
            time.sleep(0.02)
        return answer(method, url, body, ignore_host)

    library.find = find
    answering = replayed_requests.answered(find)  # kept: it would end with its last reference
    answering.__enter__()
