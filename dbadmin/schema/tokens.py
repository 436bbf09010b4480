"""SQLite's lexical rules (https://www.sqlite.org/lang_keywords.html, tokenize.c), as far as stored schemas need them.

Normalized SQL has no whitespace or comments; what is written in different ways and means the same is one text. Double
quotes are the exception that needs to be known: SQLite takes "x" for a string where nothing is called x. Where that
cannot be told, "x" is not made into 'x'.
"""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from dbadmin.errors import UnreadableError

_TOKEN = re.compile(
    r"""(?P<space>[ \t\n\f\r]+|--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<string>'(?:[^']|'')*')
    |(?P<blob>[xX]'[0-9a-fA-F]*')
    |(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
    |(?P<number>0[xX][0-9a-fA-F]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
    |(?P<parameter>\?[0-9]*|[:@$\#][A-Za-z0-9_$\x80-\U0010ffff]+)
    |(?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*)
    |(?P<operator>->>|->|\|\||<<|>>|<=|>=|<>|==|!=|[-+*/%&|~<>=(),;.])""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"[a-z_\x80-\U0010ffff][a-z0-9_$\x80-\U0010ffff]*")
_UPPER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}

# Keywords that can never be a name without quotes. All others SQLite also takes for names.
RESERVED = frozenset(
    re.findall(
        r"\w+",
        """ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE DEFAULT DEFERRABLE
        DELETE DISTINCT DROP ELSE ESCAPE EXCEPT EXISTS FOREIGN FROM GROUP HAVING IN INDEX INSERT INTERSECT INTO IS
        ISNULL JOIN LIMIT NOT NOTHING NOTNULL NULL ON OR ORDER PRIMARY REFERENCES RETURNING SELECT SET TABLE THEN TO
        TRANSACTION UNION UNIQUE UPDATE USING VALUES WHEN WHERE""",
    )
)
CONSTANTS = frozenset({"TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"})
# In `a "left" JOIN b` it is another name of a, in `a left JOIN b` a kind of join.
_JOINS = frozenset({"CROSS", "FULL", "INNER", "LEFT", "NATURAL", "OUTER", "RIGHT"})
# What stands for bytes that are not UTF-8.
_NO_UTF8 = re.compile("[\udc80-\udcff]")


class SqlError(UnreadableError):
    """Text that is not understood here, though SQLite takes it: else it would have called the file malformed before."""

    permanent = True


class Token(NamedTuple):
    """One token: its kind is a group of the expression above, its text is as written."""

    kind: str
    text: str

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words (upper case), not in quotes."""
        return self.kind == "word" and self.text.upper() in words

    def is_operator(self, text: str) -> bool:
        """Whether it is this operator or punctuation."""
        return self.kind == "operator" and self.text == text

    @property
    def name(self) -> str:
        """What it names, without quotes, in lower case."""
        return lower(self.content)

    @property
    def content(self) -> str:
        """Its text without quotes."""
        if self.kind not in {"quoted", "string"}:
            return self.text
        quote = self.text[-1]
        return self.text[1:-1] if quote == "]" else self.text[1:-1].replace(quote * 2, quote)


def lower(name: str) -> str:
    """The name in lower case as SQLite folds it: ASCII only, É and é are two names."""
    return name.translate(_UPPER)


def tokenize(sql: str) -> list[Token]:
    """The tokens without whitespace and comments; raises SqlError."""
    found = []
    place = 0
    while place < len(sql):
        match = _TOKEN.match(sql, place)
        if match is None:
            raise SqlError(f"The schema has SQL that is not understood here, from {sql[place : place + 40]!r} on")
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match.group()))
        place = match.end()
    return found


def normalize(tokens: Sequence[Token], names: Collection[str] | None = None, *, complete: bool = True) -> str:
    """The tokens in one form, with single spaces between them.

    With `names` (lower case), what stands in double quotes and is none of them is the string SQLite takes it for. Where
    they are not `complete` it may as well be a name: it stays in a form of its own, which keeps its case.
    """
    return " ".join(_normal(token, names, complete=complete) for token in tokens)


def _normal(token: Token, names: Collection[str] | None, *, complete: bool) -> str:
    if token.kind == "word":
        word = token.text.upper()
        return word if word in RESERVED else token.name
    if token.kind == "quoted":
        name = token.name
        is_known = names is None or name in names
        if not is_known and token.text[0] == '"':
            if complete:
                return literal(token.content)
            name = token.content
        says_more = not is_known and name.upper() in CONSTANTS | _JOINS
        return name if _is_plain(name) and not says_more else quote(name)
    return lower(token.text) if token.kind in {"blob", "number"} else token.text


def _is_plain(name: str) -> bool:
    """Whether the name needs no quotes."""
    return _PLAIN.fullmatch(name) is not None and name.upper() not in RESERVED


def can_be_written(name: str) -> bool:
    """Whether a statement can say a name: SQLite also takes one that is not UTF-8 (opening.decode)."""
    return not _NO_UTF8.search(name)


def quote(name: str) -> str:
    """The name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as a string in SQL."""
    return "'" + text.replace("'", "''") + "'"


def group_end(tokens: Sequence[Token], start: int) -> int:
    """The place of the parenthesis that closes the one at `start`; raises SqlError."""
    depth = 0
    for place in range(start, len(tokens)):
        depth += tokens[place].is_operator("(") - tokens[place].is_operator(")")
        if depth == 0:
            return place
    raise SqlError("The schema has SQL that is not understood here: a parenthesis is not closed")


def inside(tokens: Sequence[Token], start: int) -> Sequence[Token]:
    """What stands in the parentheses that open at `start`."""
    return tokens[start + 1 : group_end(tokens, start)]


def bare(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without the parentheses around all of them."""
    while tokens and tokens[0].is_operator("(") and group_end(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def split(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """The parts between the commas that stand in no parentheses."""
    parts: list[Sequence[Token]] = []
    begin = depth = 0
    for place, token in enumerate(tokens):
        depth += token.is_operator("(") - token.is_operator(")")
        if depth == 0 and token.is_operator(","):
            parts.append(tokens[begin:place])
            begin = place + 1
    return [*parts, tokens[begin:]]


def find(tokens: Sequence[Token], *words: str) -> int | None:
    """The place of the first of these words that stands in no parentheses, or None."""
    depth = 0
    for place, token in enumerate(tokens):
        depth += token.is_operator("(") - token.is_operator(")")
        if depth == 0 and token.is_word(*words):
            return place
    return None
