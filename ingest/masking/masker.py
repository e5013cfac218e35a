"""Masks applied to values: each column by what is known of it and by what its values look like now."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence

from ingest.masking.documents import Path, document, leaves, rewritten
from ml.classify.engine import ClassificationEngine, ColumnEvidence
from ml.masking.shapes import HIDDEN, partial
from ml.masking.spans import Span, ValueFinder, merged
from schema.domain.classifications import Verdict
from schema.domain.masking import (
    DataKind,
    Mask,
    MaskedColumn,
    Masking,
    MaskingRules,
    MaskReason,
    Reading,
    SampledColumn,
    masking,
)

_PROSE_WORDS = 4  # spaces in a text, on average, that make a column prose
_WHOLE = (Mask.PARTIAL, Mask.HASH)
_UNJUDGED = DataKind("", "", 0)


class Masker:
    """Masks for one reader; ``kinds`` are the classifications by name, ``key`` makes marks of equal values equal."""

    def __init__(
        self,
        engine: ClassificationEngine,
        finder: ValueFinder,
        kinds: Mapping[str, DataKind],
        rules: MaskingRules,
        reading: Reading,
        key: bytes,
    ) -> None:
        self._engine, self._finder, self._kinds = engine, finder, kinds
        self._rules, self._reading, self._key = rules, reading, key

    def table(
        self, name: str, columns: Sequence[SampledColumn], values: Mapping[str, Sequence[object]]
    ) -> list[MaskedColumn]:
        """The columns of one table in their order. A column without values, since they are binary, has none to show."""
        rows = max(map(len, values.values()), default=0)
        evidence = [
            ColumnEvidence(name, c.name, c.data_type, c.comment, values.get(c.name, ())) for c in columns
        ]
        found = []
        for column, verdicts in zip(columns, self._engine.classify(evidence), strict=True):
            if column.name not in values:
                nothing = Masking(Mask.NULL, MaskReason.UNREADABLE)
                found.append(MaskedColumn(column.name, nothing, (None,) * rows))
                continue
            seen = self._known(verdicts, column.rejected)
            found.append(self._column(column, (*column.kinds, *seen), values[column.name]))
        return found

    def _column(
        self, column: SampledColumn, kinds: Sequence[DataKind], values: Sequence[object]
    ) -> MaskedColumn:
        whole = masking(kinds, column.level, self._reading, self._rules)
        if whole.mask is Mask.FULL and whole.reason is MaskReason.HARMLESS and _is_prose(values):
            whole = Masking(self._rules.free_text, MaskReason.RULE)
        # What merely occurs in a text is taken out of it; a text that is a value as a whole is hidden as a whole.
        contained = (
            bool(kinds)
            and all(kind.name in self._finder.within for kind in kinds)
            and column.level <= max(kind.level for kind in kinds)
            and (_is_prose(values) or _are_documents(values))
        )
        narrow = next((kind for kind in kinds if self._masks(kind) is whole.mask), _UNJUDGED)
        clean = self._cleaner(column, [d for v in values if (d := document(v)) is not None])
        shown = [self._shown(value, whole.mask, narrow, contained, clean) for value in values]
        changed = any(
            document(value) is not None or (text is not None and text != _text(value))
            for value, text in zip(values, shown, strict=True)
        )
        if (contained and whole.mask in _WHOLE) or (whole.mask is Mask.FULL and changed):
            whole = Masking(Mask.REDACT, MaskReason.RULE)
        return MaskedColumn(column.name, whole, tuple(shown))

    def _shown(
        self, value: object, mask: Mask, kind: DataKind, contained: bool, clean: Callable[[object], str]
    ) -> str | None:
        if value is None or mask is Mask.NULL or isinstance(value, bytes | bytearray | memoryview):
            return None
        if mask in (Mask.FULL, Mask.REDACT):
            return clean(value)
        text = _text(value)
        if contained and (document(value) is not None or text.count(" ") >= _PROSE_WORDS):
            return clean(value)
        if mask is Mask.HASH:
            return self._mark(text)
        return partial(kind.name, kind.category, text)

    def _cleaner(self, column: SampledColumn, documents: Sequence[object]) -> Callable[[object], str]:
        """What takes out of a value whatever may not be shown, also where it is a document."""
        fields = self._fields(column, documents) if documents else {}

        def clean(value: object) -> str:
            found = document(value)
            if found is None:
                return self._redacted(_text(value), column.rejected)
            return rewritten(
                found,
                lambda path, leaf: self._leaf(fields, path, leaf, column.rejected),
                lambda name: self._redacted(name, column.rejected),
            )

        return clean

    def _fields(self, column: SampledColumn, documents: Sequence[object]) -> dict[Path, list[DataKind]]:
        """What the fields of documents hold, judged as the columns of a table of the column's name."""
        found = leaves(documents)
        paths = [path for path in found if path]
        evidence = [ColumnEvidence(column.name, path[-1], values=found[path]) for path in paths]
        return {
            path: self._known(verdicts, column.rejected)
            for path, verdicts in zip(paths, self._engine.classify(evidence), strict=True)
        }

    def _leaf(
        self, fields: Mapping[Path, list[DataKind]], path: Path, leaf: object, rejected: frozenset[str]
    ) -> object:
        if leaf is None or isinstance(leaf, bool):
            return leaf
        kinds = fields.get(path, [])
        how = masking(kinds, 0, self._reading, self._rules)
        if how.mask is Mask.NULL:
            return None
        if how.mask is Mask.HASH:
            return self._mark(_text(leaf))
        if how.mask is Mask.PARTIAL:
            narrow = next((kind for kind in kinds if self._masks(kind) is Mask.PARTIAL), _UNJUDGED)
            return partial(narrow.name, narrow.category, _text(leaf))
        clean = self._redacted(_text(leaf), rejected)
        return leaf if clean == _text(leaf) else clean

    def _redacted(self, text: str, rejected: frozenset[str]) -> str:
        spans = [s for s in self._finder.spans(text) if self._hides(s, rejected)]
        out, at = [], 0
        for span in merged(spans):
            out += [text[at : span.start], f"[{self._label(span)}]"]
            at = span.end
        return "".join([*out, text[at:]])

    def _hides(self, span: Span, rejected: frozenset[str]) -> bool:
        return span.kind not in rejected and self._of(span.kind).mask is not Mask.FULL

    def _label(self, span: Span) -> str:
        return HIDDEN if self._of(span.kind).reason is MaskReason.CLEARANCE else span.kind

    def _of(self, name: str) -> Masking:
        return masking([self._kinds[name]], 0, self._reading, self._rules)

    def _masks(self, kind: DataKind) -> Mask:
        return masking([kind], 0, self._reading, self._rules).mask

    def _known(self, verdicts: Iterable[Verdict], rejected: frozenset[str]) -> list[DataKind]:
        """What verdicts of this moment say; a person's "no" stands against them."""
        return [self._kinds[v.classification] for v in verdicts if v.classification not in rejected]

    def _mark(self, text: str) -> str:
        return (
            "#" + hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]
        )


def _is_prose(values: Sequence[object]) -> bool:
    texts = [value for value in values if isinstance(value, str) and document(value) is None]
    return bool(texts) and sum(text.count(" ") for text in texts) >= _PROSE_WORDS * len(texts)


def _are_documents(values: Sequence[object]) -> bool:
    present = [value for value in values if value is not None]
    return bool(present) and all(document(value) is not None for value in present)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a card number that was read as a float is one all the same
    return str(value)
