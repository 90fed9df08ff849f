"""Tables in Markdown."""

from collections.abc import Iterable


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a table.

    >>> table(("a", "b"), [("1", "2")])
    ['| a | b |', '| --- | --- |', '| 1 | 2 |']
    """
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
