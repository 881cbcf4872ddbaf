"""What is the public contract, as text?"""

import sys

from schema.build import sdl


def print_schema() -> None:
    """The very bytes of schema/schema.graphql."""
    sys.stdout.write(sdl())
