"""What do tests of the ledger stand on? The programme that the tests of rewards publish."""

from tests.domain.rewards.conftest import shop

__all__ = ["shop"]
