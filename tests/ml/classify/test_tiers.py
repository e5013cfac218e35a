"""The trained model behind the rules: what it adds, what no tier may say, and what it costs those who do without."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from ml.classify.composition import standard_vocabulary
from ml.classify.decision import ALL
from ml.classify.engine import ColumnEvidence
from ml.classify.features import features, figures
from ml.classify.fitting import pipeline_of
from ml.classify.spec import built_in
from ml.classify.trained import NONE, card, shipped, trained_model
from schema.domain.classifications import Verdict, VerdictOrigin
from tests.ml.classify.test_engine import PUBLIC, TRAPS

TIERS = standard_vocabulary().tiered(ALL)


def verdicts(
    name: str, values: Sequence[object] = (), data_type: str = "varchar", table: str = "t"
) -> list[Verdict]:
    return TIERS.classify([ColumnEvidence(table, name, data_type, None, values)])[0]


@pytest.mark.parametrize("trap", TRAPS)
def test_traps_hold_for_all_tiers(trap: str) -> None:
    name, values, data_type, *table = TRAPS[trap]
    found = verdicts(name, values, data_type, *table)
    assert [v.classification for v in found if v.classification not in PUBLIC] == []


@pytest.mark.parametrize(
    ("label", "name", "values", "data_type"),
    [
        ("PERSON", "f6", ["Olaf Brandt", "Maren Kjeldsen", "Tom Ashworth", "Ines Rombach", "Paula Reuter"], "text"),
        ("PERSON", "kd_nachn", [], "varchar(40)"),
        ("BIRTH_DATE", "kd_gebdt", ["1970-01-02", "1988-03-04", "1955-09-09"], "date"),
        ("SALARY", "ansal", [52000, 61000, 47000], "numeric"),
        ("ADDRESS", "stras", [], "varchar"),
    ],
)  # fmt: skip
def test_what_rules_leave_open_is_found_by_the_model(
    label: str, name: str, values: Sequence[object], data_type: str
) -> None:
    column = ColumnEvidence("t", name, data_type, None, values)
    assert label not in [
        v.classification for v in standard_vocabulary().tiered("rules").classify([column])[0]
    ]
    first = verdicts(name, values, data_type)[0]
    assert (first.classification, first.origin, first.tier) == (label, VerdictOrigin.ML, 2)
    assert first.classifier_version == f"trained+{card()['version']}"
    assert name in first.reason


def test_the_model_is_not_asked_what_the_rules_know() -> None:
    first = verdicts("email", ["a@example.org", "b@example.org"])[0]
    assert (first.origin, first.tier) == (VerdictOrigin.RULE, 1)


def test_an_unsure_rule_that_the_model_agrees_with_is_surer_and_says_so() -> None:
    column = ColumnEvidence("persons", "name", "varchar")
    (alone,) = standard_vocabulary().tiered("rules").classify([column])[0]
    (both,) = TIERS.classify([column])[0]
    assert alone.confidence <= both.confidence
    assert both.origin is VerdictOrigin.RULE


def test_no_word_for_the_model_holds_a_value() -> None:
    values = ["kanarienvogel", "Kanarienvogel Schmidt", "kanarienvogel@vogel.example", "+49 170 4711"]
    words = features("t", "x", None, "text", figures(values, 4))
    assert not [
        word for word in words if "kanari" in word.lower() or "vogel" in word.lower() or "4711" in word
    ]


def test_the_model_knows_built_in_classifications_only() -> None:
    assert set(card()["labels"]) - {NONE} <= {spec.name for spec in built_in()}  # type: ignore[call-overload]


def test_no_column_needs_spacy() -> None:
    code = (
        "import sys\n"
        "from ml.classify.composition import standard_vocabulary\n"
        "from ml.classify.decision import ALL\n"
        "from ml.classify.engine import ColumnEvidence\n"
        "standard_vocabulary().tiered(ALL).classify([ColumnEvidence('t', 'x', 'text', None, ['a'])])\n"
        "print(sorted({'spacy', 'thinc', 'torch'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_weights_alone_give_the_shares_that_spacy_gives() -> None:
    columns = [
        features("kunden", "straße_nr", "日本語", "text", figures(["Hauptstr. 1", "Weg 2"], 2)),
        features("t", "x" * 300, None, "integer", figures([str(n) for n in range(70)], 90)),
        *(
            features("people", name, None, "text", figures([], 0))
            for name in ("e_mail", "geburtsdatum", "a", "")
        ),
        [],
    ]
    nlp = pipeline_of(shipped())
    from spacy.tokens import Doc

    docs = nlp.pipe(Doc(nlp.vocab, words=list(words)) for words in columns)
    for theirs, ours in zip([dict(doc.cats) for doc in docs], trained_model().shares(columns), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)


def test_the_api_never_loads_the_model() -> None:
    code = (
        "import sys, graph_api.asgi\n"
        "from ml.classify.composition import standard_vocabulary\n"
        "from ml.classify.decision import ALL\n"
        "standard_vocabulary().tiered(ALL).version, standard_vocabulary().tiered(ALL).classifiers\n"
        "print(sorted({'spacy', 'thinc', 'torch'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
