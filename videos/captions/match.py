"""What somebody typed as a question to FTS5 (https://www.sqlite.org/fts5.html#full_text_query_syntax)."""

LONGEST = 200


def match_expression(typed: str) -> str:
    """Every word has to be there, the last one may go on; empty when there is no word.

    Each word is quoted, so that nothing of it is syntax. Only the first LONGEST characters count.
    """
    plain = typed[:LONGEST].replace("\0", " ").encode("utf-8", "replace").decode()
    words = [word for word in plain.split() if any(character.isalnum() for character in word)]
    quoted = ['"' + word.replace('"', '""') + '"' for word in words]
    return " ".join(quoted) + "*" if quoted else ""
