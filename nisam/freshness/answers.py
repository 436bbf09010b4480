"""Answers: what is kept of a response, and this process's memory of them."""

import gzip
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import brotli
import orjson

Headers = Sequence[tuple[bytes, bytes]]
IDENTITY, GZIP, BROTLI = b"", b"gzip", b"br"
# Below that the headers weigh more than what compressing saves.
WORTH_COMPRESSING = 500
# What one entry of the memory costs beside its bytes.
_OVERHEAD = 500


@dataclass(frozen=True)
class Answer:
    """A response: its body by encoding. Only a public one, the same for everybody and of status 200, is stored."""

    status: int
    headers: Headers
    bodies: Mapping[bytes, bytes]
    is_public: bool = True

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return _OVERHEAD + sum(map(len, self.bodies.values()))

    def compressed(self) -> "Answer":
        """The same with its gzip and brotli forms beside, made with levels that take about a millisecond."""
        body = self.bodies[IDENTITY]
        forms = {IDENTITY: body, GZIP: gzip.compress(body, 5, mtime=0), BROTLI: brotli.compress(body, quality=5)}
        return replace(self, bodies=forms)

    def pack(self) -> bytes:
        """One string of bytes for Redis: a line of JSON, then the bodies."""
        lengths = [[encoding.decode(), len(body)] for encoding, body in self.bodies.items()]
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in self.headers]
        return b"\n".join((orjson.dumps([self.status, headers, lengths]), b"".join(self.bodies.values())))

    @classmethod
    def unpack(cls, packed: bytes) -> "Answer":
        """What `pack` made."""
        line, _, rest = packed.partition(b"\n")
        status, headers, lengths = orjson.loads(line)
        bodies, begin = {}, 0
        for encoding, length in lengths:
            bodies[encoding.encode()] = rest[begin : begin + length]
            begin += length
        return cls(status, [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers], bodies)


class Memory:
    """The answers used last, up to so many bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def get(self, key: str) -> Answer | None:
        """The answer under a key."""
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer; those not used for longest go."""
        before = self._answers.pop(key, None)
        self._answers[key] = answer
        self._size += answer.size - (before.size if before else 0)
        while self._size > self._limit:
            self._size -= self._answers.popitem(last=False)[1].size
