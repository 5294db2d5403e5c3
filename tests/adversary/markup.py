"""A page as a tree out of which what was read is taken away, so that what is left stands out."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "link", "meta", "path", "polygon", "polyline", "use", "rect"}
UNSEEN = {"style", "script", "template"}


class Node:
    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Node | str] = []

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def nodes(self) -> Iterator["Node"]:
        """Every node below this one, in the order of the page."""
        waiting: list[Node | str] = self.children[::-1]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Node):
                yield node
                waiting += node.children[::-1]

    def all(self, what: str) -> list["Node"]:
        """The nodes below with this `tag`, `.class` or `tag.class`."""
        tag, _, class_ = what.partition(".")
        return [
            node
            for node in self.nodes()
            if tag in ("", node.tag) and (not class_ or class_ in node.classes)
        ]

    def first(self, what: str) -> "Node":
        return self.all(what)[0]

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces()).split())

    def pieces(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in UNSEEN:
                yield " "
                yield from child.pieces()
                yield " "

    def take(self, pattern: str) -> list[re.Match[str]]:
        """Every match of a pattern in the text, which then is no longer in it."""
        text = self.text
        found = list(re.finditer(pattern, text))
        if found:
            self.children = [re.sub(pattern, "…", text)]
        return found

    def clear(self) -> None:
        self.children = []
        self.attributes = {}


class Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("page", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def page(html: str) -> Node:
    tree = Tree()
    tree.feed(html)
    return tree.open[0]
