"""Which verbs bring members in from another programme, and take them out?"""

from domain.imports.operations.exporting import export
from domain.imports.operations.importing import begin, load, ready, rehearse

__all__ = ["begin", "export", "load", "ready", "rehearse"]
