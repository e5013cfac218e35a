from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ml.failures.train as training
from ml.failures.classify import classify_failure
from schema.domain.failures import FailureKind
from schema.errors import ConnectionFailed
from tests.ml.failures.evaluation import answers, precision_recall, right


@pytest.mark.parametrize(
    ("type_name", "message", "cause", "code", "kind"),
    [
        ("ConnectionFailed", "The source refused user or password.", "CREDENTIALS", None, "CREDENTIALS"),
        ("ConnectionFailed", "No server accepts connections.", "UNREACHABLE", None, "TRANSIENT"),
        ("DatabaseError", "some text", None, "40001", "TRANSIENT"),
        ("DatabaseError", "some text", None, "53300", "THROTTLED"),
        ("DatabaseError", "some text", None, "42P01", "SCHEMA_DRIFT"),
        ("DatabaseError", "some text", None, "42601", "BUG"),
        ("DatabaseError", "some text", None, "22P02", "BAD_DATA"),
        ("OperationalError", "some text", None, "1205", "TRANSIENT"),
        ("HTTPStatusError", "some text", None, "429", "THROTTLED"),
        ("psycopg.errors.InsufficientPrivilege", "permission denied for table x", None, None, "PERMISSION"),
        ("OperationalError", "(1213, 'Deadlock found when trying to get lock')", None, None, "TRANSIENT"),
        ("ClientError", "An error occurred (SlowDown) when calling GetObject", None, None, "THROTTLED"),
        ("HttpResponseError", "Over the account limit. ErrorCode:ServerBusy quota", None, None, "THROTTLED"),
        ("HTTPError", "503 Server Error: Service Unavailable for url", None, None, "TRANSIENT"),
        ("HTTPError", "403 Client Error: rate limit exceeded for url", None, None, "THROTTLED"),
        ("ServerError", "SQLSTATE: 28000 login refused", None, None, "CREDENTIALS"),
        ("KeyError", "'columns'", None, None, "BUG"),
    ],
)
def test_codes_decide_where_there_are_any(
    type_name: str, message: str, cause: str | None, code: str | None, kind: str
) -> None:
    found = classify_failure(type_name, message, cause, code)
    assert (found.kind, found.by_rule, found.confidence) == (FailureKind(kind), True, 1.0)


@pytest.mark.parametrize("cause", [cause for cause in ConnectionFailed.CAUSES if cause != "UNKNOWN"])
def test_each_cause_of_a_failed_connection_has_a_kind(cause: str) -> None:
    assert classify_failure("ConnectionFailed", "", cause).by_rule


def test_what_rules_leave_open_is_told_by_its_text() -> None:
    found = classify_failure(
        "DriverError", "the login token of this account has expired, authentication failed"
    )
    assert (found.kind, found.by_rule) == (FailureKind.CREDENTIALS, False)
    assert found.confidence > 0.6


def test_names_and_addresses_do_not_sway_the_model() -> None:
    one = classify_failure(
        "DriverError", 'no such column "secret_token" in https://permission.example/denied'
    )
    other = classify_failure("DriverError", 'no such column "a" in https://b.example/c')
    assert one == other


@given(
    st.text(max_size=40),
    st.text(max_size=300),
    st.none() | st.text(max_size=5),
    st.none() | st.text(max_size=5),
)
def test_any_error_has_a_kind_and_a_confidence(
    type_name: str, message: str, cause: str | None, code: str | None
) -> None:
    found = classify_failure(type_name, message, cause, code)
    assert found.kind in FailureKind
    assert 0 < found.confidence <= 1


def test_the_model_in_the_file_is_the_one_that_training_makes() -> None:
    made = training.train(training.messages())
    kept = json.loads(Path(training.__file__).with_name("model.json").read_text("utf-8"))
    assert made["kinds"] == kept["kinds"]
    shared = made["weights"].keys() & kept["weights"].keys()
    assert len(shared) > 0.99 * len(kept["weights"])
    assert all(made["weights"][each] == pytest.approx(kept["weights"][each], abs=0.15) for each in shared)


def test_drivers_that_the_model_never_saw_are_told_apart() -> None:
    found = answers()
    ruled = [(each.message.kind, each.kind) for each in found if each.rule]
    left = [(each.message.kind, each.model.kind) for each in found if not each.rule]
    sure = [(e.message.kind, e.model.kind) for e in found if not e.rule and e.model.confidence >= 0.6]
    assert right(ruled) > 0.98
    assert right(left) > 0.6
    assert right(sure) > 0.85
    both = precision_recall([(each.message.kind, each.kind) for each in found])
    assert min(recall for _, recall in both.values()) > 0.65
