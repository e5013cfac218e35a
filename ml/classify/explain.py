"""Why a column was classified as it was, and what was considered and not given: counts and shapes, never a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ml.classify.calibration import calibration
from ml.classify.composition import Vocabulary
from ml.classify.engine import THRESHOLD, ClassificationEngine, ColumnEvidence, Traces
from ml.classify.names import NameEvidence
from ml.classify.spec import ClassifierSpec, ancestors
from ml.classify.values import ValueEvidence, data_kind
from ml.classify.zero_shot import Named, Near, meanings_of
from schema.domain.classifications import Sensitivity, Verdict
from schema.errors import StackError
from schema.ports import Embedder

NEAR_MISSES, NEAREST = 8, 5
_TRACE_OF_FORM, _TRACE_OF_WORDS = 0.3, 0.2  # shares of values below which nobody would ask why not


@dataclass(frozen=True, slots=True)
class Considered:
    """One classification that there is evidence for. Shares are of the ``distinct`` values that were looked at, 0 to 1.

    ``given`` is whether it is a verdict; ``against`` says why not, or what weighs against it; ``phrase`` is what the
    name said, ``form`` the form that most values have.
    """

    name: str
    title: str
    sensitivity: Sensitivity
    given: bool
    confidence: float
    reason: str
    against: tuple[str, ...]
    phrase: str | None
    name_score: float
    distinct: int
    form: str | None
    formed: float
    passed: float
    words: float


def explain(
    engine: ClassificationEngine,
    columns: Sequence[ColumnEvidence],
    index: int,
    *,
    also: str | None = None,
    most: int = NEAR_MISSES,
) -> list[Considered]:
    """What speaks for and against each classification of one of the columns: verdicts first, then at most ``most`` others.

    ``also`` is a classification that is told of in any case.
    """
    given = {verdict.classification: verdict for verdict in engine.classify(columns)[index]}
    traces, specs = engine.traces(columns, index), engine.specs
    above = ancestors(specs)
    found: list[Considered] = []
    for number, spec in enumerate(specs):
        verdict = given.get(spec.name)
        name, values = traces.named.get(number), traces.valued.get(number, ValueEvidence())
        if not (verdict or spec.name == also or _left_a_trace(number, name, values, traces)):
            continue
        weighed = engine.weighed(number, columns[index].name, traces)
        against = (
            () if verdict else tuple(_against(spec, number, weighed, values, traces, given, specs, above))
        )
        shown = verdict or weighed
        found.append(
            Considered(
                spec.name, spec.title, spec.sensitivity, verdict is not None, calibration()(shown.confidence), shown.reason, against,
                name.phrase if name else None, name.score if name else 0.0, len(traces.texts),
                values.form.entity if values.form else None, values.formed, values.passed, values.words,
            )
        )  # fmt: skip
    found.sort(
        key=lambda each: (not each.given, each.name != also, -each.confidence, -each.passed, each.name)
    )
    kept = sum(each.given or each.name == also for each in found)
    return found[: kept + most]


def nearest_meanings(
    vocabulary: Vocabulary, column: ColumnEvidence, embedder: Embedder | None
) -> list[tuple[ClassifierSpec, Near]]:
    """The meanings nearest to the text of a column among those that its type and name allow; empty where there is no model."""
    if embedder is None:
        return []
    engine = vocabulary.engine
    meanings = meanings_of(engine.version, engine.specs, vocabulary.described, embedder)
    allowed = engine.allowed(column.name, data_kind(column.data_type, column.values))
    try:
        (near,) = meanings.nearest([Named(column.table, column.name, column.comment)], [allowed], NEAREST)
    except StackError:
        return []
    known = {spec.name: spec for spec in engine.specs}
    return [(known[each.classification], each) for each in near]


def _left_a_trace(number: int, name: NameEvidence | None, values: ValueEvidence, traces: Traces) -> bool:
    return (
        name is not None
        or number in traces.refused
        or values.passed >= _TRACE_OF_FORM
        or values.words >= _TRACE_OF_WORDS
    )


def _against(
    spec: ClassifierSpec,
    number: int,
    weighed: Verdict,
    values: ValueEvidence,
    traces: Traces,
    given: dict[str, Verdict],
    specs: Sequence[ClassifierSpec],
    above: dict[str, tuple[str, ...]],
) -> list[str]:
    why: list[str] = []
    named, form, count = number in traces.named, values.form, len(traces.texts)
    if spec.abstract:
        why.append("it only holds narrower ones together, or is switched off")
    if phrase := traces.refused.get(number):
        why.append(f"the name says {phrase!r}, which speaks against it")
    if traces.kind == "boolean" or (traces.kind not in spec.types and traces.kind != "other"):
        why.append(f"it is of the type {traces.kind}, and this is kept as {', '.join(sorted(spec.types))}")
    proof = form.alone if form else spec.dictionary_alone
    if traces.needed and not named and proof <= traces.needed:
        why.append("the name speaks of something else")
    elif not named:
        why.append("the name does not say so")
    if not traces.texts:
        why.append("no values were looked at")
    elif spec.values and values.formed < spec.min_match:
        why.append(
            f"{values.formed:.0%} of {count} distinct values have a form of it, {spec.min_match:.0%} have to"
        )
    elif form and values.passed < spec.min_match:
        why.append(
            f"{values.passed:.0%} of {count} distinct values pass {form.check}, {spec.min_match:.0%} have to"
        )
    elif form and not named and not form.alone:
        why.append("values of this form prove nothing without a fitting name")
    if weighed.confidence < THRESHOLD:
        why.append(f"its evidence weighs {weighed.confidence:g}, and {THRESHOLD:g} is needed")
    if narrower := sorted(name for name in given if spec.name in above[name]):
        why.append(f"{narrower[0]} is narrower and says more")
    elif rival := next((s for s in specs if s.name in given and s.group == spec.group), None):
        how = "has priority" if rival.priority > spec.priority else "is surer"
        why.append(f"{rival.name} excludes it and {how}")
    return why
