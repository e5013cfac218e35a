"""Every classifier file against its own examples."""

from __future__ import annotations

import pytest
import re2

from ml.classify.engine import ClassificationEngine, ColumnEvidence
from ml.classify.spec import ClassifierSpec, ancestors, built_in, read_spec, regulations
from ml.classify.values import accepts
from schema.errors import InvalidInput

ENGINE = ClassificationEngine()
RULED = [spec for spec in built_in() if not spec.abstract]
SPECS = pytest.mark.parametrize("spec", RULED, ids=lambda spec: spec.name)


def _accepted(spec: ClassifierSpec, value: str) -> bool:
    forms = any(accepts(form, value, re2.compile(form.pattern)) for form in spec.values)
    return forms


def _labels(spec: ClassifierSpec, name: str) -> list[str]:
    data_type = "varchar" if "text" in spec.types else min(spec.types)
    return [v.classification for v in ENGINE.classify([ColumnEvidence("t", name, data_type)])[0]]


def test_there_are_enough_classifications_and_each_is_described() -> None:
    names = [spec.name for spec in built_in()]
    assert len(names) == len(set(names))
    assert len(RULED) >= 120
    countries = {spec.name[:2] for spec in RULED if spec.parent == "NATIONAL_ID"}
    assert len(countries) >= 30
    assert all(spec.title and len(spec.description) > 15 for spec in built_in())


def test_an_email_is_a_contact_is_personal_data() -> None:
    above = ancestors(built_in())
    assert above["EMAIL"] == ("CONTACT", "PERSONAL_DATA")
    assert "NATIONAL_ID" in above["PL_PESEL"]
    roots = {above[spec.name][-1] for spec in RULED}
    assert roots == {"PERSONAL_DATA", "SECRET", "BUSINESS_DATA", "TECHNICAL_DATA"}


def test_personal_data_hints_at_the_laws_about_it() -> None:
    above, laws = ancestors(built_in()), regulations(built_in())
    assert all({"GDPR", "CCPA"} <= laws[name] for name in laws if "PERSONAL_DATA" in above[name])
    assert "PCI_DSS" in laws["CVV"]
    assert {"HIPAA", "GDPR_ART_9"} <= laws["DIAGNOSIS"]
    assert not laws["ISBN"]


def test_what_excludes_the_wider_classification_shares_its_group() -> None:
    known = {spec.name: spec for spec in built_in()}
    above = ancestors(built_in())
    wrong = [
        (s.name, n)
        for s in RULED
        for n in above[s.name]
        if not known[n].abstract and known[n].group != s.group
    ]
    assert wrong == []


@pytest.mark.parametrize("parent", ["NO_SUCH", "X"])
def test_a_hierarchy_that_does_not_end_is_refused(parent: str) -> None:
    spec = read_spec(f"{{name: X, title: x, description: x, category: x, sensitivity: 1, parent: {parent}}}")
    with pytest.raises(InvalidInput, match="no usable parent"):
        ancestors([spec])


@SPECS
def test_its_examples_are_accepted(spec: ClassifierSpec) -> None:
    assert [v for v in spec.examples.values if not _accepted(spec, v)] == []
    assert [n for n in spec.examples.names if spec.name not in _labels(spec, n)] == []
    assert spec.examples.names or spec.examples.values


@SPECS
def test_its_counter_examples_are_refused(spec: ClassifierSpec) -> None:
    assert [v for v in spec.counter_examples.values if _accepted(spec, v)] == []
    assert [n for n in spec.counter_examples.names if spec.name in _labels(spec, n)] == []
    assert spec.counter_examples.names or spec.counter_examples.values


@SPECS
def test_columns_of_its_examples_are_found_by_name_and_values(spec: ClassifierSpec) -> None:
    if not (spec.examples.values and spec.examples.names):
        pytest.skip("nothing to build a column of")
    first = next(
        form for form in spec.values if accepts(form, spec.examples.values[0], re2.compile(form.pattern))
    )
    alike = [value for value in spec.examples.values if accepts(first, value, re2.compile(first.pattern))]
    column = ColumnEvidence("t", spec.examples.names[0], "text", None, alike)
    found = {v.classification: v.confidence for v in ENGINE.classify([column])[0]}
    assert found.get(spec.name, 0) >= 0.5
