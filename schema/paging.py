"""How does a long list look? Keyset connections: edges, nodes and where the page stands."""

from typing import Generic, TypeVar

import strawberry

from kit.paging import Page

T = TypeVar("T")
ITEM = TypeVar("ITEM")

PAGE_SIZE = 20


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None

    @classmethod
    def of(cls, page: Page[ITEM]) -> "PageInfo":
        cursors = page.cursors
        return cls(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    """At most 100 nodes; `first` says how many, `after` takes the cursor of the one before."""

    nodes: list[T]
    page_info: PageInfo
    cursors: strawberry.Private[list[str]]

    @strawberry.field
    def edges(self) -> list[Edge[T]]:
        return [
            Edge(cursor=cursor, node=node)
            for cursor, node in zip(self.cursors, self.nodes, strict=True)
        ]


def page_arguments(first: int | None, after: str | None) -> tuple[int, str | None]:
    """`first` and `after` as the domain takes them; left out and null mean the default."""
    return (PAGE_SIZE if first is None else first), (after or None)
