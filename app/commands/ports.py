"""May we listen there? Asked before anything is started: a taken port is the usual mistake."""

import errno
import socket

from app.commands.failing import BadInput


def require_free(host: str, port: int) -> None:
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise BadInput(f"port {port} is taken: choose another one with --port") from None
        reason = error.strerror or error
        raise BadInput(f"nobody can be served at {host}:{port}: {reason}") from None
