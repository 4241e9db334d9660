"""Tables in Markdown, and the blocks of a page that are generated."""

import re
from collections.abc import Callable, Iterable, Sequence


def markdown(rows: Iterable[Sequence[str]]) -> str:
    """A table; the first row is the head."""
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def renewed(page: str, head: str, made: Callable[..., str | None]) -> str:
    """The page with each of its blocks, from `<!-- head -->` to `<!-- end -->`, made anew.

    `made` is given what the groups of the pattern `head` found; None: the block stays as it is.
    """

    def block(match: re.Match[str]) -> str:
        begin, *names, old, end = match.groups()
        content = made(*names)
        return begin + (old if content is None else f"\n{content}\n") + end

    return re.sub(rf"(<!-- {head} -->\n)(.*?)(<!-- end -->)", block, page, flags=re.DOTALL)
