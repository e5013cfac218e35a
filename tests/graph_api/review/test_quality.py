"""How good classifiers are by what people said, and which thresholds follow."""

from __future__ import annotations

import pytest

from cypher.session import GraphSession
from ingest.commands import review
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Principal, Role, Scope
from schema.domain.review import Decision
from schema.domain.verdict_figures import Evidence, Share, needed, proposed
from tests.graph_api.asking import api, nodes
from tests.graph_api.review.conftest import column, publish

QUALITY = "query ($b: [VerdictGroup!], $s: String) { classifierQuality(by: $b, source: $s) { edges { node { classification source tier origin confirmed rejected added precision { value low high n } recall { value n } } } } }"
THRESHOLDS = "query ($t: Float!) { thresholdProposals(targetPrecision: $t) { edges { node { classification decided needed acceptAt { at evidence { value low n } } rejectAt { at } } } } }"


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # Computed with statsmodels.stats.proportion.proportion_confint(method="wilson").
    [(8, 10, 0.4902, 0.9433), (0, 5, 0.0, 0.4345), (5, 5, 0.5655, 1.0), (90, 100, 0.8256, 0.9448)],
)
def test_intervals_are_those_of_wilson(hits: int, n: int, low: float, high: float) -> None:
    assert (Share(hits, n).low, Share(hits, n).high) == pytest.approx((low, high), abs=5e-5)


def test_a_threshold_is_proposed_where_verdicts_bear_it_out_and_nowhere_else() -> None:
    assert needed(0.95) == 73
    evidence = [Evidence(0.55, 1, 99), Evidence(0.7, 40, 20), Evidence(0.9, 60, 0), Evidence(0.98, 40, 0)]
    found = proposed(evidence, 0.9)
    assert found.accept is not None
    assert (found.accept.at, found.accept.evidence) == (0.9, Share(100, 100))
    assert found.reject is not None
    assert (found.reject.at, found.reject.evidence) == (0.7, Share(99, 100))
    assert found.decided == 260
    few = proposed([Evidence(0.9, needed(0.95) - 1, 0)], 0.95)
    assert few.accept is None
    assert few.reject is None
    assert proposed([Evidence(0.9, needed(0.95), 0)], 0.95).accept is not None
    assert proposed([], 0.95).decided == 0
    # Wrong at the top: no threshold accepts unseen.
    assert proposed([Evidence(0.6, 100, 0), Evidence(0.99, 0, 100)], 0.9).accept is None


async def test_precision_and_recall_follow_from_what_people_said(
    shop: GraphSession, admin: Principal
) -> None:
    await publish(shop, admin, "r3", *((n, "email", "EMAIL", 0.9) for n in range(5)), (2, "note", "SSN", 0.6))
    decisions = [Decision(column(n, "email"), "EMAIL", VerdictStatus.CONFIRMED) for n in range(4)]
    decisions += [
        Decision(column(4, "email"), "EMAIL", VerdictStatus.REJECTED),
        Decision(column(0, "name"), "EMAIL", VerdictStatus.CONFIRMED),  # no machine had found it
        Decision(column(1, "name"), "EMAIL", VerdictStatus.REJECTED),  # said ahead: nobody's mistake
    ]
    await review.decide_all(shop, admin, decisions, dry_run=False)
    (email,) = nodes((await api(shop).ask(QUALITY))["classifierQuality"])
    assert (email["classification"], email["source"]) == ("EMAIL", None)
    assert (email["confirmed"], email["rejected"], email["added"]) == (4, 1, 1)
    assert (email["precision"]["value"], email["precision"]["n"]) == (0.8, 5)
    assert (email["precision"]["low"], email["precision"]["high"]) == pytest.approx(
        (0.3755, 0.9638), abs=5e-5
    )
    assert email["recall"] == {"value": 0.8, "n": 5}

    by_origin = nodes((await api(shop).ask(QUALITY, b=["ORIGIN", "SOURCE", "TIER"]))["classifierQuality"])
    assert [(each["source"], each["tier"], each["origin"], each["confirmed"], each["added"], each["recall"]) for each in by_origin] == [
        ("shop", None, "MANUAL", 0, 1, None), ("shop", 1, "RULE", 4, 0, None),
    ]  # fmt: skip
    assert nodes((await api(shop).ask(QUALITY, s="elsewhere"))["classifierQuality"]) == []
    limited = nodes((await api(shop, Role.STEWARD, Scope(2)).ask(QUALITY))["classifierQuality"])
    assert [(each["confirmed"], each["rejected"]) for each in limited] == [
        (0, 1)
    ]  # the rejected one is public now

    (few,) = nodes((await api(shop).ask(THRESHOLDS, t=0.95))["thresholdProposals"])
    assert few == {"classification": "EMAIL", "decided": 5, "needed": 73, "acceptAt": None, "rejectAt": None}
    await shop.schema_statement(
        "MATCH (c:Classification {name: 'EMAIL'}) UNWIND range(1, 80) AS i CREATE (:Asset {urn: 'x' + i, key: i, sensitivity: 0, domain: '', source: 'shop'})"
        "-[:CLASSIFIED_AS {status: 'CONFIRMED', origin: 'RULE', confidence: 0.95, decided_by: 'ada', decided_at: '2026'}]->(c)"
    )
    (email,) = nodes((await api(shop).ask(THRESHOLDS, t=0.95))["thresholdProposals"])
    assert (email["acceptAt"]["at"], email["acceptAt"]["evidence"]["n"]) == (0.95, 80)
    assert await api(shop).refused(THRESHOLDS, t=1.0) == "INVALID_INPUT"

    accept = 'mutation ($n: [String!]!, $t: Float!) { thresholdProposalsAccept(classifications: $n, targetPrecision: $t, reason: "borne out") { __typename ... on ThresholdProposalsAcceptSuccess { classifications { name acceptAt rejectAt } } ... on UserError { path message } } }'
    both = (await api(shop).ask(accept, n=["EMAIL", "SSN"], t=0.95))["thresholdProposalsAccept"]
    done = (await api(shop).ask(accept, n=["EMAIL"], t=0.95))["thresholdProposalsAccept"]
    few_rights = (await api(shop, Role.STEWARD, Scope(2)).ask(accept, n=["EMAIL"], t=0.95))[
        "thresholdProposalsAccept"
    ]
    document = '{ auditEvents(first: 1, filter: {action: "classification.thresholds_accept"}) { edges { node { subjects reason details } } } }'
    (event,) = nodes((await api(shop).ask(document))["auditEvents"])
    assert (both["path"], "SSN" in both["message"]) == (["classifications"], True)
    assert done["classifications"] == [{"name": "EMAIL", "acceptAt": 0.95, "rejectAt": None}]
    assert few_rights["__typename"] == "ForbiddenError"
    assert (event["subjects"], event["reason"]) == (["classification:EMAIL"], "borne out")
    assert event["details"]["EMAIL"] == {
        "before": {"accept_at": None, "reject_at": None}, "after": {"accept_at": 0.95, "reject_at": None}, "decided": 85,
    }  # fmt: skip
