"""What may a client see of an error? Refusals and faults of its document; of ours only an id."""

import re
from collections.abc import Iterable

import structlog
from graphql import GraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from db.connection import UNAVAILABLE
from kit.errors import InvalidInput, Refusal
from kit.ids import new_id

_log = structlog.get_logger(component="graphql")

_TEXTS = {
    "INTERNAL": {
        "zh-CN": "服务器出错了，请稍后再试。",
        "en": "Something went wrong on our side.",
    },
    "UNAVAILABLE": {
        "zh-CN": "服务暂时不可用，请稍后重试。",
        "en": "The service is away for a moment; try again.",
    },
}
_NOT_ALLOWED = "Only subscriptions run over WebSocket; send queries and mutations over HTTP."

_PLACE = re.compile(r"(?:Variable '\$|Argument ')(\w+)'(?: has invalid value at ([^:]*):)?")
_STEP = re.compile(r"\w+")


def shown_errors(errors: Iterable[GraphQLError], locale: str) -> list[GraphQLError]:
    """The errors as the client sees them; what is hidden is logged with the id that it gets."""
    return [_shown(error, locale) for error in errors]


def broken(cause: BaseException, locale: str, path: Iterable[str | int] = ()) -> GraphQLError:
    """Log our own failure and return what stands for it: UNAVAILABLE where trying again helps."""
    error_id = new_id().hex
    _log.error("graphql.failed", error_id=error_id, path=list(path), exc_info=cause)
    code = "UNAVAILABLE" if isinstance(cause, UNAVAILABLE) else "INTERNAL"
    text = _TEXTS[code]["zh-CN" if locale.startswith("zh") else "en"]
    return GraphQLError(text, extensions={"code": code, "errorId": error_id})


def refused(refusal: Refusal, locale: str) -> GraphQLError:
    extensions: dict[str, object] = {"code": refusal.code}
    if isinstance(refusal, InvalidInput):
        extensions["path"] = refusal.path
    return GraphQLError(refusal.message(locale), extensions=extensions)


def _shown(error: GraphQLError, locale: str) -> GraphQLError:
    cause = _cause(error)
    if isinstance(cause, Refusal):
        replaced = refused(cause, locale)
    elif isinstance(cause, InvalidOperationTypeError):
        return GraphQLError(_NOT_ALLOWED, extensions={"code": "OPERATION_NOT_ALLOWED"})
    elif isinstance(cause, CannotGetOperationTypeError):
        return operation_not_found(cause)
    elif _is_fault_of_document(error):
        return _coded(error)
    else:
        replaced = broken(cause, locale, error.path or ())
    return GraphQLError(
        replaced.message, nodes=error.nodes, path=error.path, extensions=replaced.extensions
    )


def operation_not_found(cause: CannotGetOperationTypeError) -> GraphQLError:
    name = cause.operation_name
    message = "Name the operation to run." if name is None else f"There is no operation `{name}`."
    return GraphQLError(message, extensions={"code": "OPERATION_NOT_FOUND"})


def _coded(error: GraphQLError) -> GraphQLError:
    """A value of the wrong shape says where it stands: `Variable '$e' … at [0].time: …`."""
    if "code" not in (error.extensions or {}):
        found = _PLACE.match(error.message)
        path = [] if found is None else _STEP.findall(" ".join(filter(None, found.groups())))
        error.extensions = {"code": "INVALID_INPUT", "path": path}
    return error


def _cause(error: GraphQLError) -> BaseException:
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _is_fault_of_document(error: GraphQLError) -> bool:
    """Whether parser, validation or the coercion of variables and arguments made it.

    Those without a path stand before execution, and a resolver's or a serialiser's has one. With a
    path, only argument coercion points at a node by itself.
    """
    original = error.original_error
    if error.path is None:
        return original is None or bool(error.nodes)
    return isinstance(original, GraphQLError) and bool(original.nodes)
