"""Documents by their text and by their hash: parsed and validated once, persisted by Apollo's protocol or trusted from a file."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph_api.errors import OPERATION_NOT_FOUND, TOO_COMPLEX, refusal
from graph_api.limits import Limits, Measure, Meter
from schema.errors import InvalidInput
from schema.settings import Settings

V = TypeVar("V")
PersistedMode = Literal["off", "apq", "trusted"]

_MAX_ENTRIES = 1_000
_MAX_CHARACTERS = 1 << 19
_MAX_ERRORS = 20
_PREFIX = "sha256:"


@dataclass(slots=True)
class Document:
    """A parsed document, with what is known of it so far; ``plans`` are those of its hot operations, by name."""

    node: DocumentNode
    meter: Meter
    is_valid: bool = False
    operations: int = 0
    introspection: dict[str, Any] | None = None
    plans: dict[str | None, Any] = field(default_factory=dict)
    _measured: dict[tuple[Any, ...], Measure] = field(default_factory=dict)

    @property
    def is_introspection(self) -> bool:
        """Whether its answer depends on nothing but the schema."""
        operation = self.node.definitions[0]
        return (
            len(self.node.definitions) - len(self.meter.fragments) == 1
            and isinstance(operation, OperationDefinitionNode)
            and not operation.variable_definitions
            and all(
                isinstance(field, FieldNode) and field.name.value == "__schema"
                for field in operation.selection_set.selections
            )
        )

    def measure(self, variables: Mapping[str, Any] | None) -> Measure:
        """Its numbers; measured again only where a variable that sizes a page has changed."""
        key = tuple(_page_value((variables or {}).get(name)) for name in self.meter.page_variables)
        found = self._measured.get(key)
        if found is None:
            known = len(self.meter.page_variables)
            found = self.meter.measure(variables)
            if len(self._measured) < 16 and len(self.meter.page_variables) == known:
                self._measured[key] = found
        return found


class Bounded(Generic[V]):
    """Values by text, least recently used out first; bounded by count and by the texts' length, as trees grow with it."""

    def __init__(self, max_entries: int = _MAX_ENTRIES, max_characters: int = _MAX_CHARACTERS) -> None:
        self._max_entries, self._max_characters = max_entries, max_characters
        self._entries: OrderedDict[str, tuple[int, V]] = OrderedDict()
        self._characters = 0

    def get(self, key: str) -> V | None:
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return found[1]

    def put(self, key: str, value: V, size: int) -> None:
        self._characters += size - self._entries.get(key, (0, value))[0]
        self._entries[key] = (size, value)
        self._entries.move_to_end(key)
        while len(self._entries) > self._max_entries or self._characters > self._max_characters:
            _, (dropped, _value) = self._entries.popitem(last=False)
            self._characters -= dropped


class Documents:
    """Parses, measures and validates documents against one schema, and keeps the valid ones by text."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool) -> None:
        self._schema, self._limits, self._introspection = schema, limits, introspection
        self._rules = [*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule]
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._kept: Bounded[Document] = Bounded()

    def known(self, text: str) -> Document | None:
        """The document of ``text``, if it was valid before."""
        return self._kept.get(text)

    def parse(self, text: str) -> Document:
        """The document of ``text``; raises ``GraphQLError`` where it is too long or not GraphQL."""
        found = self._kept.get(text)
        if found is not None:
            return found
        if len(text) > self._limits.characters:
            raise refusal(f"The document is longer than {self._limits.characters} characters.", TOO_COMPLEX)
        try:
            node = parse(text, max_tokens=self._limits.tokens)
        except GraphQLSyntaxError as error:
            if error.message.endswith("Parsing aborted."):  # too many tokens, or nested too deeply
                raise refusal(error.message, TOO_COMPLEX) from None
            raise
        operations = sum(isinstance(definition, OperationDefinitionNode) for definition in node.definitions)
        return Document(node, Meter(node, self._schema), operations=operations)

    def check(
        self, document: Document, text: str, variables: Mapping[str, Any] | None, operation_name: str | None
    ) -> tuple[Measure, list[GraphQLError]]:
        """Measure and validate; no errors mean that the document may run with these variables."""
        measure = document.measure(variables)
        exceeded = measure.exceeded(self._limits)
        if exceeded:
            return measure, [
                refusal("The document exceeds the limits: " + ", ".join(exceeded) + ".", TOO_COMPLEX)
            ]
        if document.operations > 1 and operation_name is None:
            return measure, [refusal("The document has several operations; name one.", OPERATION_NOT_FOUND)]
        if not document.is_valid:
            errors = validate(
                self._schema,
                document.node,
                self._rules,
                max_errors=_MAX_ERRORS,
                hide_suggestions=not self._introspection,
            )
            if errors:
                return measure, errors
            document.is_valid = True
            self._kept.put(text, document, len(text))
        return measure, []


class PersistedDocuments:
    """Texts by SHA-256. ``apq`` learns them from clients, ``trusted`` runs those of ``texts`` and no others."""

    def __init__(self, mode: PersistedMode = "off", texts: Iterable[str] = ()) -> None:
        self.mode = mode
        self._trusted = {sha256(text): text for text in texts}
        self._learnt: Bounded[str] = Bounded()

    def resolve(
        self, query: str | None, document_id: str | None, extensions: Mapping[str, Any] | None
    ) -> str | None:
        """The text to run, by itself, by ``documentId`` or by ``extensions.persistedQuery``; None where there is none.

        Raises ``GraphQLError`` with the codes of Apollo's protocol.
        """
        persisted = (extensions or {}).get("persistedQuery")
        if persisted is not None:
            return self._by_apq(query, persisted)
        if document_id is not None and query is None:
            return self._by_id(document_id)
        return self.admit(query)

    def admit(self, query: str | None) -> str | None:
        """``query`` itself, if texts may be sent at all or this one is trusted."""
        if query is not None and self.mode == "trusted" and sha256(query) not in self._trusted:
            raise refusal("Only trusted documents may run here.", "DOCUMENT_NOT_TRUSTED")
        return query

    def _by_apq(self, query: str | None, persisted: Any) -> str:
        digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        if self.mode == "off":
            raise refusal("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        if not isinstance(digest, str) or persisted.get("version") != 1:
            raise refusal("extensions.persistedQuery needs version 1 and sha256Hash.", "BAD_REQUEST")
        digest = digest.lower()
        if query is None:
            found = self._find(digest)
            if found is None:
                raise refusal("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
            return found
        if sha256(query) != digest:
            raise refusal("provided sha does not match query", "PERSISTED_QUERY_HASH_MISMATCH")
        self.admit(query)
        if self.mode == "apq":
            self._learnt.put(digest, query, len(query))
        return query

    def _by_id(self, document_id: str) -> str:
        if self.mode == "off":
            raise refusal("Persisted documents are switched off.", "PERSISTED_DOCUMENT_NOT_SUPPORTED")
        found = None
        if document_id.lower().startswith(_PREFIX):
            found = self._find(document_id[len(_PREFIX) :].lower())
        if found is None:
            raise refusal("No document has this documentId.", "PERSISTED_DOCUMENT_NOT_FOUND")
        return found

    def _find(self, digest: str) -> str | None:
        return self._trusted.get(digest) or self._learnt.get(digest)


def persisted_documents(settings: Settings) -> PersistedDocuments:
    """As the settings say; raises ``InvalidInput`` where the file of trusted documents cannot be used."""
    texts: list[str] = []
    if settings.trusted_documents is not None:
        try:
            found = orjson.loads(settings.trusted_documents.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
            raise InvalidInput(
                "The file of trusted documents cannot be read.",
                path=("trusted_documents",),
                remedy="Name a JSON file with one object whose values are GraphQL documents.",
            )
        texts = list(found.values())
    elif settings.persisted_documents == "trusted":
        raise InvalidInput(
            "Trusted documents are wanted, but no file names them.",
            path=("trusted_documents",),
            remedy="Set PURSIGHT_TRUSTED_DOCUMENTS to their file.",
        )
    return PersistedDocuments(settings.persisted_documents, texts)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _page_value(value: Any) -> Any:
    return ("list", len(value)) if isinstance(value, list) else value if isinstance(value, int) else None
