"""Suggestions of the language model for the columns of a scan that are still open; no answer is no failure of the scan."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cypher.session import GraphSession
from ingest.commands import language_model
from ingest.commands.language_model import ModelCall
from ingest.language_model.endpoint import Endpoint, breaker_of
from ingest.language_model.prompt import OpenTable, choices, chosen_by, request
from ingest.stages.stop import Stop
from schema.domain.classifications import LANGUAGE_MODEL, Classifier, Verdict, VerdictOrigin
from schema.domain.scans import Problem, ScanStage, Severity
from schema.errors import ConnectionFailed
from schema.settings import Settings

# The model gives no probability that anybody measured: as sure as not, which is a question to people and no more.
CONFIDENCE = 0.5
_USED_UP = "The questions to the language model that a scan or a day may ask are used up."
_RESTS = "The language model failed several times in a row and is left alone for a while."
_FORMLESS = "The answer is not of the form that was asked for."


@dataclass(frozen=True, slots=True)
class Suggested:
    """(column urn, verdict) pairs, and why questions were not answered."""

    verdicts: tuple[tuple[str, Verdict], ...] = ()
    problems: tuple[Problem, ...] = ()


async def suggest(
    graph: GraphSession,
    config: Settings,
    tables: Sequence[OpenTable],
    classifiers: Sequence[Classifier],
    *,
    run: str,
    source: str,
    stop: Stop,
) -> Suggested:
    """Ask about one table after the other, as far as the budgets of the run and of the day go; outside of any transaction.

    Each question is one audit event with the prompt and the answer. Failures are told once, and the columns stay open.
    """
    endpoint = Endpoint.of(config)
    if endpoint is None or not tables:
        return Suggested()
    breaker = breaker_of(endpoint.base_url)
    if breaker.rests():
        return Suggested(problems=(_problem(source, "LLM_RESTS", _RESTS),))
    granted = await language_model.take_calls(
        graph,
        run=run,
        wanted=len(tables),
        per_run=config.llm_calls_per_scan,
        per_day=config.llm_calls_per_day,
    )
    verdicts: list[tuple[str, Verdict]] = []
    problems: dict[str, str] = {} if granted == len(tables) else {"LLM_BUDGET": _USED_UP}
    for table in tables[:granted]:
        stop.check()
        if not breaker.lets_through():
            problems["LLM_RESTS"] = _RESTS
            break
        chosen = choices(table, classifiers)
        call = await _asked(endpoint, table, chosen, run=run, forms=config.llm_allow_values)
        breaker.note(failed=bool(call.error) and not call.answer)
        await language_model.record_call(graph, call)
        if call.error:
            problems["LLM_NO_ANSWER"] = call.error
        names, columns = {c.name: c for c in chosen}, {c.urn: c for c in table.columns}
        verdicts += [
            (urn, _verdict(names[name], columns[urn].name, table.name, endpoint.model, len(chosen)))
            for urn, name in call.given.items()
        ]
    told = tuple(_problem(source, code, why) for code, why in problems.items())
    return Suggested(tuple(verdicts), told)


async def _asked(
    endpoint: Endpoint, table: OpenTable, chosen: Sequence[Classifier], *, run: str, forms: bool
) -> ModelCall:
    body = request(table, chosen, model=endpoint.model, forms=forms)
    prompt = json.dumps(body["messages"], ensure_ascii=False)
    told = [table.urn, *(column.urn for column in table.columns), *table.beside.values()]
    answer, error, given = "", "", dict[str, str]()
    try:
        answer = await endpoint.ask(body)
    except ConnectionFailed as failure:
        error = failure.message
    else:
        found = chosen_by(answer, table, frozenset(c.name for c in chosen))
        given, error = found or {}, "" if found is not None else _FORMLESS
    return ModelCall(run, endpoint.model, endpoint.host, prompt, told, answer, error, given)


def _problem(source: str, code: str, why: str) -> Problem:
    # Budgets are as the operator set them; a server that does not do what he set it up for is told wherever runs are looked at.
    severity = Severity.INFO if code == "LLM_BUDGET" else Severity.WARNING
    return Problem(ScanStage.CLASSIFY, code, source, why, severity)


def _verdict(classifier: Classifier, column: str, table: str, model: str, listed: int) -> Verdict:
    return Verdict(
        classifier.name, classifier.sensitivity, CONFIDENCE,
        f"the language model {model} chose it of {listed} for name {column!r} in {table!r}; nothing proves it",
        VerdictOrigin.AI, LANGUAGE_MODEL, classifier.name.lower(), f"llm+{model}",
    )  # fmt: skip
