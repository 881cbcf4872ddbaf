"""How is the application served? By one uvicorn process, with limits behind the guard's."""

import uvicorn

from app.asgi import Api
from app.commands.access import signing_secret
from app.sockets import Socket
from app.subscriptions import MESSAGE_CHARACTERS_MAX
from kit.settings import Settings

KEEP_ALIVE_SECONDS = 75
STOP_SECONDS_MAX = 15
BYTES_PER_CHARACTER_MAX = 4


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Answer requests until SIGTERM or SIGINT."""
    api = Api(settings, signing_secret(settings))
    uvicorn.run(
        api.app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws=Socket,
        ws_per_message_deflate=False,
        ws_max_size=MESSAGE_CHARACTERS_MAX * BYTES_PER_CHARACTER_MAX,
        lifespan="on",
        forwarded_allow_ips=settings.forwarded_allow_ips,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
        reset_contextvars=True,
    )
