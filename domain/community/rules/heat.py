"""What is hot? Attention, halved by every `hot_half_life_hours`."""

from datetime import datetime
from math import floor, log2

_HOUR = 3_600


def heat(*, likes: int, comments: int, published_at: datetime, half_life_hours: int) -> int:
    """A number that orders posts as attention * 2^(-age / half-life) does, at any instant.

    Attention is 1 + likes + 2 * comments. The order is that of its logarithm, half-life * log2 of
    the attention less the age, in which the present instant is the same for all: so what is kept
    needs no change while time passes. With 12 hours, 3 likes (attention 4, two doublings) are worth
    a day: 2 * 12 * 3,600 = 86,400 seconds above a post of the same instant that nobody likes.
    """
    attention = 1 + likes + 2 * comments
    return floor(published_at.timestamp()) + floor(half_life_hours * _HOUR * log2(attention))
