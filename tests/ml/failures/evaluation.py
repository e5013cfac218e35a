"""How well failures are told apart: each driver by a model that never saw it. ``python -m tests.ml.failures.evaluation``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ml.failures.classify import predict
from ml.failures.rules import by_rule
from ml.failures.train import Message, messages, train
from schema.domain.failures import Failure, FailureKind


@dataclass(frozen=True, slots=True)
class Answer:
    """A message, what rules say of it, and what a model says that was trained on the other drivers."""

    message: Message
    rule: FailureKind | None
    model: Failure

    @property
    def kind(self) -> FailureKind:
        return self.rule or self.model.kind


def answers() -> list[Answer]:
    """One for each message, driver by driver."""
    every = messages()
    found = []
    for driver in dict.fromkeys(each.driver for each in every):
        model = train([each for each in every if each.driver != driver])
        found += [
            Answer(each, by_rule(each.type_name, each.text), predict(model, each.type_name, each.text))
            for each in every
            if each.driver == driver
        ]
    return found


def right(pairs: Sequence[tuple[FailureKind, FailureKind]]) -> float:
    """Share of pairs of truth and answer that agree."""
    return sum(truth == answer for truth, answer in pairs) / max(len(pairs), 1)


def precision_recall(
    pairs: Sequence[tuple[FailureKind, FailureKind]],
) -> dict[FailureKind, tuple[float, float]]:
    """By kind, over pairs of truth and answer."""
    hits = Counter(truth for truth, answer in pairs if truth == answer)
    truths, given = Counter(truth for truth, _ in pairs), Counter(answer for _, answer in pairs)
    return {
        kind: (hits[kind] / max(given[kind], 1), hits[kind] / max(truths[kind], 1)) for kind in FailureKind
    }


def main() -> None:
    found = answers()
    ruled = [each for each in found if each.rule]
    open_ = [each for each in found if not each.rule]
    sets = {
        f"rules, on the {len(ruled)} they decide": [(each.message.kind, each.kind) for each in ruled],
        f"model, on the {len(open_)} that rules leave open": [
            (each.message.kind, each.model.kind) for each in open_
        ],
        f"model alone, on all {len(found)}": [(each.message.kind, each.model.kind) for each in found],
        f"both, on all {len(found)}": [(each.message.kind, each.kind) for each in found],
    }
    for name, pairs in sets.items():
        print(f"{name}: {right(pairs):.1%} right")
        for kind, (precision, recall) in precision_recall(pairs).items():
            print(f"  {kind:<13} precision {precision:.2f}  recall {recall:.2f}")
    print("model on what rules leave open, by driver held out:")
    for driver in dict.fromkeys(each.message.driver for each in open_):
        pairs = [(each.message.kind, each.model.kind) for each in open_ if each.message.driver == driver]
        print(f"  {driver:<9} {right(pairs):.2f} of {len(pairs)}")
    for least in (0.4, 0.6, 0.8):
        pairs = [(e.message.kind, e.model.kind) for e in open_ if e.model.confidence >= least]
        print(f"model where it is at least {least:.0%} sure: {right(pairs):.2f} of {len(pairs)}")


if __name__ == "__main__":
    main()
