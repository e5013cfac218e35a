"""What a change of the vocabulary can concern: never a column too few, and few of those that cannot be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from ml.classify.composition import Vocabulary
from ml.classify.engine import ClassificationEngine, ColumnEvidence
from ml.classify.impact import MODEL, Impact
from ml.classify.spec import ClassifierSpec, Names, ValueFormat, built_in
from ml.classify.versions import JUDGES, VocabularyVersion, packed, unpacked, version_of
from schema.domain.classifications import Sensitivity, Verdict
from schema.domain.reclassification import JudgedColumn, JudgedTable, Said

Change = Callable[[ClassifierSpec], ClassifierSpec | None]
HELMET = ClassifierSpec(
    "HELMET", "Helmet number", "Numbers of helmets.", "Gear", Sensitivity.INTERNAL, group="Gear", min_match=0.8,
    types=frozenset({"text"}), names=Names(strong=("helmet", "helmet number"), weak=("code",)),
    values=(ValueFormat(r"H-\d{6}", entity="HELMET"),),
)  # fmt: skip


CHANGED = ("EMAIL", "PHONE", "IBAN", "URL", "WEBHOOK_URL", "SSN", "EC_CI", "AR_DNI", "PERSON", "LOCATION", "COUNTRY", "UUID", "IP_ADDRESS", "NATIONAL_ID", "SALARY")  # fmt: skip


def _some() -> tuple[ClassifierSpec, ...]:
    """Every fourth of the classifiers and those that are changed here, with what is wider."""
    known = {spec.name: spec for spec in built_in()}
    wanted = {*list(known)[::4], *CHANGED}
    while more := {known[name].parent for name in wanted} - {"", *wanted}:
        wanted |= more
    return tuple(spec for spec in built_in() if spec.name in wanted)


SOME = _some()


def version(
    specs: Sequence[ClassifierSpec], **thresholds: tuple[float | None, float | None]
) -> VocabularyVersion:
    return version_of(Vocabulary(ClassificationEngine(specs), tuple(specs)), "rules", thresholds)


def columns() -> list[list[ColumnEvidence]]:
    """Tables of columns that are called and filled as the examples of the classifiers: by each, by one of both, by those of two."""
    tables: list[list[ColumnEvidence]] = []
    for n, spec in enumerate(SOME):
        name = spec.examples.names[0] if spec.examples.names else f"c{n}"
        values, others = (list(each.examples.values) * 3 for each in (spec, SOME[(n + 7) % len(SOME)]))
        kind = "text" if "text" in spec.types else min(spec.types)
        tables.append(
            [
                ColumnEvidence("employees", name, kind, None, values),
                ColumnEvidence("t", name, kind),
                ColumnEvidence("t", name, kind, None, others),
                ColumnEvidence("t", f"field_{n}", kind, None, values),
                ColumnEvidence("t", f"x{n}", "varchar", f"the {name}", values),
            ]
        )
    return tables


TABLES = columns()


def said(verdicts: Sequence[Verdict]) -> tuple[Said, ...]:
    return tuple(Said(v.classification, v.tier, v.confidence) for v in verdicts)


def judged(engine: ClassificationEngine) -> list[list[list[Verdict]]]:
    return [engine.classify(table) for table in TABLES]


def as_judged(table: Sequence[ColumnEvidence], verdicts: Sequence[Sequence[Verdict]]) -> JudgedTable:
    return JudgedTable(
        "t",
        table[0].table,
        tuple(
            JudgedColumn(str(n), column.name, column.data_type, column.comment, said(found))
            for n, (column, found) in enumerate(zip(table, verdicts, strict=True))
        ),
    )


@pytest.fixture(scope="module")
def before() -> tuple[VocabularyVersion, list[list[list[Verdict]]]]:
    return version(SOME), judged(ClassificationEngine(SOME))


def _named(spec: ClassifierSpec, **names: tuple[str, ...]) -> ClassifierSpec:
    return replace(spec, names=replace(spec.names, **names))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param("EMAIL", lambda _: None, id="removed"),
        pytest.param("PHONE", lambda s: replace(s, names=Names(), values=()), id="switched off"),
        pytest.param("WEBHOOK_URL", lambda s: replace(s, group="TECHNICAL"), id="another group"),
        pytest.param("EC_CI", lambda s: replace(s, priority=-5), id="a lower priority"),
        pytest.param("AR_DNI", lambda s: replace(s, parent="EMAIL"), id="another place in the hierarchy"),
        pytest.param("NATIONAL_ID", lambda s: replace(s, names=Names(strong=("thing",))), id="the name of a wider one"),
        pytest.param("NATIONAL_ID", lambda s: replace(s, names=Names()), id="a wider one without rules"),
        pytest.param("PERSON", lambda s: _named(s, strong=(), weak=("city", "iban")), id="other names"),
        pytest.param("LOCATION", lambda s: _named(s, never=("town", "city")), id="a phrase against it"),
        pytest.param("SALARY", lambda s: _named(s, context=("employee",)), id="another context"),
        pytest.param("IP_ADDRESS", lambda s: replace(s, values=s.values[:1], closed=False), id="fewer forms"),
        pytest.param("IBAN", lambda s: replace(s, types=frozenset({"integer"})), id="other types"),
        pytest.param("UUID", lambda s: replace(s, sensitivity=Sensitivity.RESTRICTED), id="another level"),
        pytest.param("COUNTRY", lambda s: replace(s, min_match=0.99, dictionary_alone=0.1), id="another share"),
    ],
)  # fmt: skip
def test_every_column_that_another_vocabulary_judges_otherwise_is_told(
    name: str, change: Change, before: tuple[VocabularyVersion, list[list[list[Verdict]]]]
) -> None:
    old, verdicts = before
    changed = [change(spec) if spec.name == name else spec for spec in SOME]
    gone = name if None in changed else ""
    specs = [replace(s, parent="") if gone and s.parent == gone else s for s in changed if s is not None]
    engine, impact = ClassificationEngine(specs), Impact(old, version(specs))
    assert not impact.nothing
    missed = [
        (table[n].name, was, now)
        for table, held in zip(TABLES, verdicts, strict=True)
        for n, (was, now) in enumerate(zip(said_of(held), said_of(engine.classify(table)), strict=True))
        if was != now and str(n) not in impact.of(as_judged(table, held)).judge
    ]
    assert missed == []


def said_of(verdicts: Sequence[Sequence[Verdict]]) -> list[list[tuple[str, float]]]:
    return [[(v.classification, v.confidence) for v in each] for each in verdicts]


def table(*columns: JudgedColumn) -> JudgedTable:
    return JudgedTable("t", "gear", columns)


CODE = JudgedColumn("code", "code", "text")
SIZE = JudgedColumn("size", "size", "integer")
WORN = JudgedColumn("worn", "worn_by", "text", None, (Said("HELMET", 1, 0.6),))
GEAR = table(CODE, SIZE, WORN)


def of(
    old: ClassifierSpec, new: ClassifierSpec, judged: JudgedTable = GEAR, **thresholds: object
) -> dict[str, set[str]]:
    affected = Impact(version([old]), version([new], **thresholds)).of(judged)  # type: ignore[arg-type]
    return {"judge": set(affected.judge), "restate": set(affected.restate)}


def test_a_description_or_a_category_concerns_nothing_and_a_level_only_what_carries_it() -> None:
    other = replace(
        HELMET, description="Others.", title="H", category="Things", regulations=("GDPR",), version="2"
    )
    assert of(HELMET, other) == {"judge": set(), "restate": set()}
    assert of(HELMET, replace(HELMET, sensitivity=Sensitivity.RESTRICTED)) == {
        "judge": set(),
        "restate": {"worn"},
    }


def test_a_name_concerns_the_columns_that_say_it_and_those_that_carry_the_classification() -> None:
    assert of(HELMET, _named(HELMET, weak=("code", "worn by")))["judge"] == {"worn"}
    numbers = replace(HELMET, types=frozenset({"integer"}))
    assert of(numbers, _named(numbers, weak=("code", "size")))["judge"] == {"size", "worn"}
    assert of(HELMET, _named(HELMET, weak=("code", "size")))["judge"] == {"worn"}  # kept as text alone
    assert of(HELMET, _named(HELMET, weak=("code", "visor")))["judge"] == {"worn"}


def test_a_form_of_values_that_needs_a_name_concerns_columns_of_that_name_and_of_its_types() -> None:
    other = replace(HELMET, values=(ValueFormat(r"H\d{6}", entity="HELMET"),))
    assert of(HELMET, other)["judge"] == {"code", "worn"}


def test_a_form_that_proves_itself_concerns_columns_of_its_types_alone() -> None:
    proving = (ValueFormat(r"\d{9}", entity="HELMET", alone=0.9),)
    other = replace(HELMET, types=frozenset({"integer"}), values=proving)
    same_types = replace(HELMET, types=frozenset({"integer"}))
    plain = JudgedTable("t", "gear", (JudgedColumn("note", "note", "text"), SIZE))
    assert of(same_types, other, plain)["judge"] == {"size"}


def test_thresholds_concern_what_carries_the_classification_but_where_a_lower_one_gives_it_anew() -> None:
    assert of(HELMET, HELMET, HELMET=(0.9, 0.7)) == {"judge": set(), "restate": {"worn"}}
    lower = Impact(version([HELMET], HELMET=(None, 0.7)), version([HELMET], HELMET=(None, 0.2)))
    assert set(lower.of(GEAR).judge) == {"code", "worn"}


def test_what_an_exception_kept_back_somewhere_is_not_excluded_by_what_is_said() -> None:
    rival = replace(HELMET, name="VISOR", names=Names(strong=("visor",)), values=())
    old, new = version([HELMET, rival]), version([replace(HELMET, priority=3), rival])
    assert set(Impact(old, new).of(GEAR).judge) == {"worn"}
    assert set(Impact(old, new, {"VISOR"}).of(GEAR).judge) == {"code", "worn"}


def test_another_model_concerns_what_the_rules_left_open() -> None:
    old = replace(version(built_in()), models="a", labels=frozenset({"PERSON"}))
    new = replace(old, ident="other", models="b")
    sure = JudgedColumn("e", "email", "text", None, (Said("EMAIL", 1, 0.99),))
    helped = JudgedColumn("h", "mail", "text", None, (Said("EMAIL", 1, 0.9, supported=True),))
    thing = JudgedColumn("p", "product_name", "text")
    flag = JudgedColumn("f", "email_verified", "boolean")
    open_ = JudgedColumn("o", "contact", "text")
    affected = Impact(old, new).of(table(sure, helped, thing, flag, open_)).judge
    assert affected == {"h": frozenset({MODEL}), "o": frozenset({MODEL})}


def test_without_what_it_was_judged_by_everything_is_concerned() -> None:
    assert set(Impact(None, version([HELMET])).of(GEAR).judge) == {"code", "size", "worn"}


def test_a_version_is_kept_as_what_judges() -> None:
    kept = version(built_in(), EMAIL=(0.9, None))
    again = unpacked(kept.ident, packed(kept))
    impact = Impact(again, kept)
    assert impact.nothing
    assert (again.thresholds, again.models) == (kept.thresholds, kept.models)


def test_after_an_upgrade_that_judges_otherwise_everything_is_concerned() -> None:
    new = version([HELMET])
    assert set(Impact(replace(new, logic="of before"), new).of(GEAR).judge) == {"code", "size", "worn"}


def test_all_that_is_imported_to_judge_tells_one_release_from_another() -> None:
    code = (
        "import sys, ml.classify.decision, ml.classify.composition; "
        "print(*(name.split('.')[2] for name in sys.modules if name.startswith('ml.classify.')))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert {f"{name}.py" for name in told.split()} | {"vocabulary.yaml"} == set(JUDGES)
