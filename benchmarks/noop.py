"""The reference worker: messages that do nothing, on Dramatiq as it comes."""

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker

broker = RedisBroker(url=os.environ["REDIS_URL"], namespace="noop")
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name="noop")
def nothing(member_id: str, job_id: str) -> None:
    """Take a message of a doorbell's size."""
