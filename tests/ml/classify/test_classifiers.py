"""Every classifier file against its own examples."""

from __future__ import annotations

import pytest
import re2

from ml.classify.engine import ClassificationEngine, ColumnEvidence
from ml.classify.spec import ClassifierSpec, built_in
from ml.classify.values import accepts

ENGINE = ClassificationEngine()
SPECS = pytest.mark.parametrize("spec", built_in(), ids=lambda spec: spec.name)


def _accepted(spec: ClassifierSpec, value: str) -> bool:
    forms = any(accepts(form, value, re2.compile(form.pattern)) for form in spec.values)
    return forms


def _labels(spec: ClassifierSpec, name: str) -> list[str]:
    data_type = "varchar" if "text" in spec.types else min(spec.types)
    return [v.classification for v in ENGINE.classify([ColumnEvidence("t", name, data_type)])[0]]


def test_there_are_enough_classifications_and_each_is_described() -> None:
    names = [spec.name for spec in built_in()]
    assert len(names) == len(set(names)) >= 45
    assert all(spec.title and len(spec.description) > 15 for spec in built_in())


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
