"""Which targets are reached, and what is given for them?"""

from domain.tasks.operations.assessing import assess
from domain.tasks.operations.claiming import claim
from domain.tasks.operations.rewarding import complete
from domain.tasks.steps import COMPLETE

__all__ = ["COMPLETE", "assess", "claim", "complete"]
