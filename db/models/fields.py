"""Which columns does the ORM not know? Text that may be a key."""

from tortoise.fields import Field


class TextKey(Field[str], str):
    """`text`, indexable: the ORM's TextField refuses to be a key and its CharField is varchar."""

    __slots__ = ()

    SQL_TYPE = "TEXT"
