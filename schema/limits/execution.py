"""How is a document made ready to run? Parsed, measured and validated once, then kept by its text.

Measuring comes before validation, because validation takes a second over a document that writes one
field a thousand times. The verdict on page sizes is kept by the values of the variables they use.
"""

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse, specified_rules
from strawberry import Schema
from strawberry.exceptions import MissingQueryError
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.schema.schema import validate_document
from strawberry.types import ExecutionContext
from strawberry.types.execution import PreExecutionError

from schema.limits.catalogue import Catalogue
from schema.limits.walk import Limits, Walk, check, refusal

# A parsed document of 2,000 tokens takes about 640 kB: 82 MB at worst.
DOCUMENTS_KEPT_MAX = 128
VERDICTS_KEPT_MAX = 256
NAME_CHARACTERS_MAX = 64


class Prepared:
    """A document with what is known of it; `paging` is None until it has been measured once."""

    __slots__ = ("document", "errors", "paging", "verdicts")

    def __init__(self, document: DocumentNode | None, errors: list[GraphQLError] | None) -> None:
        self.document = document
        self.errors = errors
        self.paging: tuple[str, ...] | None = None
        self.verdicts: dict[tuple[object, ...], GraphQLError | None] = {}


class LimitedSchema(Schema):
    """A Strawberry schema that refuses documents beyond its limits before it validates them.

    It replaces Strawberry's preparation step, a private method, because the same by extensions
    (parser cache, validation cache, limits) adds 70 µs to a request of 60 fields; this adds 1.
    """

    limits = Limits()

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self._schema)

    @cached_property
    def _prepared(self) -> Callable[[str], Prepared]:
        return lru_cache(DOCUMENTS_KEPT_MAX)(self._parse)

    def operation_name(self, text: str, asked: str | None) -> str | None:
        """The name of the operation that would run, for logs; costs nothing after it has run.

        A name that is asked for and isn't in the document is a stranger's text, and left out.
        """
        document = self._prepared(text).document
        for definition in document.definitions if document else ():
            if isinstance(definition, OperationDefinitionNode):
                name = definition.name.value if definition.name else None
                if asked is None or asked == name:
                    return name and name[:NAME_CHARACTERS_MAX]
        return None

    def process_errors(self, errors: list[GraphQLError], execution_context: object = None) -> None:
        """Leave logging to the application, which gives each error its id."""

    async def _prepare_operation_async(
        self,
        context: ExecutionContext,
        extensions_runner: SchemaExtensionsRunner,  # noqa: ARG002  the base's signature
    ) -> PreExecutionError | None:
        return self._prepare(context)

    def _prepare_operation_sync(
        self,
        context: ExecutionContext,
        extensions_runner: SchemaExtensionsRunner,  # noqa: ARG002  the base's signature
    ) -> PreExecutionError | None:
        return self._prepare(context)

    def _prepare(self, context: ExecutionContext) -> PreExecutionError | None:
        if not context.query:
            raise MissingQueryError
        prepared = self._prepared(context.query)
        context.graphql_document = prepared.document
        if prepared.document is not None:
            self._check_operation(context, prepared.document)
            verdict = self._verdict(prepared, context.variables or {})
            if verdict is not None:
                return self._refused(context, [verdict])
            if prepared.errors is None:
                prepared.errors = self._validate(prepared.document)
        return self._refused(context, prepared.errors) if prepared.errors else None

    def _check_operation(self, context: ExecutionContext, document: DocumentNode) -> None:
        # Strawberry would run the first of several where the client named none.
        if context._provided_operation_name is None and _has_several(document):  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            raise CannotGetOperationTypeError(None)
        try:
            operation_type = context.operation_type
        except RuntimeError as error:
            raise CannotGetOperationTypeError(context.operation_name) from error
        if operation_type not in context.allowed_operations:
            raise InvalidOperationTypeError(operation_type)

    def _refused(self, context: ExecutionContext, errors: list[GraphQLError]) -> PreExecutionError:
        context.pre_execution_errors = errors
        return PreExecutionError(data=None, errors=errors)

    def _parse(self, text: str) -> Prepared:
        try:
            return Prepared(parse(text, max_tokens=self.limits.tokens), None)
        except GraphQLError as error:
            code = "TOKEN_LIMIT" if "tokens" in error.message else "GRAPHQL_PARSE_FAILED"
            error.extensions = {"code": code}
            return Prepared(None, [error])

    def _verdict(self, prepared: Prepared, variables: Mapping[str, object]) -> GraphQLError | None:
        assert prepared.document is not None
        if prepared.paging is not None:
            key = tuple([_size(variables, name) for name in prepared.paging])
            if key in prepared.verdicts:
                return prepared.verdicts[key]
        try:
            walk = Walk(self.catalogue, prepared.document, limits=self.limits, variables=variables)
        except GraphQLError as error:
            return error
        except RecursionError:
            return refusal("DEPTH_LIMIT", "The document is nested too deeply.")
        verdict = check(walk.measures, self.limits)
        prepared.paging = walk.measures.paging
        if len(prepared.verdicts) >= VERDICTS_KEPT_MAX:
            prepared.verdicts.clear()
        prepared.verdicts[tuple([_size(variables, name) for name in prepared.paging])] = verdict
        return verdict

    def _validate(self, document: DocumentNode) -> list[GraphQLError]:
        errors = validate_document(self._schema, document, tuple(specified_rules))
        for error in errors:
            error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED", **(error.extensions or {})}
            for ours in (" Did you mean", ", but encountered error"):
                error.message = error.message.partition(ours)[0]
        return errors


def _has_several(document: DocumentNode) -> bool:
    is_operation = (isinstance(node, OperationDefinitionNode) for node in document.definitions)
    return len(document.definitions) > 1 and sum(is_operation) > 1


def _size(variables: Mapping[str, object], name: str) -> object:
    """What tells two page sizes apart: the number, its absence, or that it is not a number."""
    if name not in variables:
        return "absent"
    size = variables[name]
    return size if isinstance(size, int) and not isinstance(size, bool) else "other"
