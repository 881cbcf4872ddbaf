"""SQL that joins two members and parts them. Each statement writes rows of one member.

A table's rows go by being inserted under the other member's id and deleted under the old one (a
distributed table's key isn't updated); what is append-only is copied and stays (docs/adr/0013).
What other members wrote about the two is pointed to whose it is now.
"""

from db.queries.merging.pointing import (
    move_devices,
    move_jobs,
    name_survivor,
    point,
    point_codes,
    rest,
)
from db.queries.merging.rows import (
    MOVED,
    Keys,
    copy_actions,
    copy_decisions,
    copy_keys,
    copy_preference,
    copy_refunds,
    drop,
    drop_actions,
    drop_referral,
    insert,
    put_referral,
)
from db.queries.merging.shares import (
    add_usage,
    count_rewards,
    finish_tasks,
    join_entries,
    settle_tasks,
    subtract_usage,
)

__all__ = [
    "MOVED",
    "Keys",
    "add_usage",
    "copy_actions",
    "copy_decisions",
    "copy_keys",
    "copy_preference",
    "copy_refunds",
    "count_rewards",
    "drop",
    "drop_actions",
    "drop_referral",
    "finish_tasks",
    "insert",
    "join_entries",
    "move_devices",
    "move_jobs",
    "name_survivor",
    "point",
    "point_codes",
    "put_referral",
    "rest",
    "settle_tasks",
    "subtract_usage",
]
