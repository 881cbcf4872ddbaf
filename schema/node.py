"""What has an id that `node` accepts?"""

import strawberry


@strawberry.interface(description="Something with an opaque global id that `node` accepts.")
class Node:
    id: strawberry.ID
