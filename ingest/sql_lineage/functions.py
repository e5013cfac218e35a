"""What a node of an expression does to the values under it."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from ingest.sql_lineage.flows import AGGREGATE, CAST, EXPRESSION, IDENTITY, MASK, MASKED_AGGREGATE, SELECTION

_MASK_NAME = re.compile(
    r"^(?:.*_)?(?:\w*md[245]\w*|m_d5\w*|sha(?:_?\d+)?|sha\d*_.*|\w*hash\w*|crypt|encrypt\w*|\w*_encrypt|hmac\w*|digest"
    r"|mask\w*|\w*_mask|tokeni[sz]e\w*|redact\w*|pseudonymi[sz]e\w*|anonymi[sz]e\w*|obfuscate\w*|farm_fingerprint"
    r"|scramble\w*|de_?identif\w*|partial(?:_email)?|pseudo_\w+|password"
    r"|crc32\w*|adler32|checksum|murmur\w*|xxh\d*|fnv\w*|blake\d\w*|ripemd\d*)$",
    re.IGNORECASE,
)
_MASK_TEXT = re.compile(r"[*•]|[xX]{3}|#{2}|REDACTED", re.IGNORECASE)
_PLAIN = {
    "Alias",
    "Paren",
    "Column",
    "Subquery",
    "Dot",
    "Collate",
    "Tuple",
    "PivotAlias",
    "Aliases",
    "PropertyEQ",
    "Kwarg",
}
# Aggregates whose result is one of the values, or all of them; dialects write some of the names with and without an underscore.
_SELECTING = frozenset(
    {
        "any", "anyheavy", "anylast", "anyvalue", "approxtopcount", "approxtopk", "arbitrary", "argmax", "argmin", "arrayagg", "collectlist",
        "collectset", "first", "firstvalue", "groupconcat", "grouparray", "groupuniqarray", "jsonagg", "jsonarrayagg", "jsonbagg",
        "jsonbobjectagg", "jsonobjectagg", "last", "lastvalue", "list", "listagg", "max", "maxby", "min", "minby", "mode", "objectagg", "stringagg",
        "topk", "xmlagg",
    }
)  # fmt: skip
_SELECTING_CLASSES = (
    exp.AnyValue, exp.ApproxTopK, exp.ArgMax, exp.ArgMin, exp.ArrayAgg, exp.ArrayConcatAgg, exp.ArrayUnionAgg, exp.ArrayUniqueAgg, exp.First,
    exp.FirstValue, exp.GroupConcat, exp.JSONArrayAgg, exp.JSONBObjectAgg, exp.JSONObjectAgg, exp.Last, exp.LastValue, exp.Max, exp.Min,
    exp.Mode, exp.ObjectAgg, exp.PercentileDisc,
)  # fmt: skip
# Nothing of the counted values is left (OpenLineage calls that masking, too).
_COUNTS = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.Hll, exp.HashAgg, exp.Minhash)
# They take the value of one other row.
_OFFSETS = (exp.Lag, exp.Lead, exp.NthValue)
_KINDS: dict[type, int] = {}


def kind_of(node: exp.Expression) -> int:
    """The direct kind of ``node``, regardless of what is under it."""
    cls = type(node)
    kind = _KINDS.get(cls)
    if kind is None:
        kind = _KINDS[cls] = _class_kind(cls)
    if kind:
        return kind
    return _single_kind(node)


def _class_kind(cls: Any) -> int:
    """0 where it depends on the single node."""
    if cls.__name__ in _PLAIN:
        return IDENTITY
    if issubclass(cls, exp.Cast):
        return CAST
    if issubclass(
        cls, (exp.Anonymous, exp.RegexpReplace, exp.DPipe, exp.Concat, exp.ConcatWs, exp.Translate)
    ):
        return 0
    if issubclass(cls, _COUNTS):
        return MASKED_AGGREGATE
    if issubclass(cls, _SELECTING_CLASSES):
        return SELECTION
    if issubclass(cls, exp.AnonymousAggFunc | exp.CombinedAggFunc | exp.ParameterizedAgg):
        return 0
    if issubclass(cls, exp.AggFunc) and not issubclass(cls, _OFFSETS):
        return AGGREGATE
    if issubclass(cls, exp.Func) and any(_MASK_NAME.match(name) for name in _names(cls)):
        return MASK
    return EXPRESSION


def _names(cls: Any) -> list[str]:
    try:
        return list(cls.sql_names())
    except NotImplementedError:
        return []  # a base class


def aggregate_kind(node: Any) -> int:
    """What an aggregate does to what it aggregates; ``node`` is the function, or what stands in its arguments, such as an ORDER BY."""
    while node is not None and not isinstance(node, (exp.AggFunc, exp.Anonymous, exp.Query)):
        node = node.parent
    if isinstance(node, (exp.AnonymousAggFunc, exp.CombinedAggFunc, exp.ParameterizedAgg, exp.Anonymous)):
        return SELECTION if _selects(node) else AGGREGATE
    return SELECTION if isinstance(node, _SELECTING_CLASSES) else AGGREGATE


def _selects(node: Any) -> bool:
    name = str(node.this).lower().replace("_", "")
    return name in _SELECTING or (name.endswith("if") and name.removesuffix("if") in _SELECTING)


def _single_kind(node: exp.Expression) -> int:
    if isinstance(node, (exp.AnonymousAggFunc, exp.CombinedAggFunc, exp.ParameterizedAgg)):
        return aggregate_kind(node)
    if isinstance(node, exp.Anonymous):
        name = str(node.name)
        if _MASK_NAME.match(name):
            return MASK
        return SELECTION if _selects(node) else EXPRESSION
    if isinstance(node, (exp.RegexpReplace, exp.Translate)):
        replacement = node.args.get("replacement") or node.args.get("to")
        return MASK if _is_mask_text(replacement) else EXPRESSION
    if isinstance(node, exp.DPipe) and isinstance(node.parent, exp.DPipe):
        return EXPRESSION  # the outermost one has looked at the whole chain
    # Literal stars beside a piece of the value: left(x, 2) || '***'.
    parts = list(node.flatten()) if isinstance(node, exp.DPipe) else node.expressions
    return MASK if any(_is_mask_text(part) for part in parts) else EXPRESSION


def _is_mask_text(node: object) -> bool:
    if isinstance(node, exp.Literal) and node.is_string:
        return bool(_MASK_TEXT.search(node.this))
    if isinstance(node, (exp.Repeat, exp.Pad)):
        text = node.this if isinstance(node, exp.Repeat) else node.args.get("fill_pattern")
        return _is_mask_text(text)
    return False
