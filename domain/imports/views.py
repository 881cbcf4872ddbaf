"""Was this file imported before?"""

from db.connection import reader
from domain.batches.model import Batch
from domain.batches.steps import of_input
from domain.imports.model import KIND


async def known(checksum: str) -> Batch | None:
    """The batch of the file with this sha-256."""
    async with reader() as tx:
        return await of_input(tx, KIND, checksum)
