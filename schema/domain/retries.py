"""Which failures are tried again and when, and when a source is left alone for a while."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from schema.domain.failures import Failure, FailureKind
from schema.domain.workflows import Retry

RETRIED = frozenset({FailureKind.TRANSIENT, FailureKind.THROTTLED})
SURE = 0.6  # below this confidence of the model a failure is tried again, whatever its kind: that costs less than giving up
THROTTLED_FACTOR = 4.0  # a source that asks for less gets that many times the wait
LONGEST_RETRY_AFTER_S = 86_400.0


def is_retried(failure: Failure) -> bool:
    """Whether the same try again may end otherwise. Nobody is helped by another try with a wrong password or on broken data."""
    return failure.kind in RETRIED or (not failure.by_rule and failure.confidence < SURE)


def wait_before(
    retry: Retry,
    attempt: int,
    *,
    seed: str,
    kind: FailureKind = FailureKind.TRANSIENT,
    retry_after_s: float | None = None,
) -> float:
    """Seconds before try number ``attempt``, 2 for the first one again; the same for the same ``seed`` and ``attempt``.

    Exponential with full jitter (Brooker, "Exponential backoff and jitter", 2015): anywhere from 0 to the bound of that try, so
    that those who failed together do not return together. After throttling from half of a bound that is four times as high.
    What the source asked for in ``retry_after_s`` is honoured up to a day, also beyond the longest wait.
    """
    bound = _bound(retry, max(attempt, 2) - 2)
    share = _share(f"{seed}:{attempt}")
    if kind is FailureKind.THROTTLED:
        bound = min(bound * THROTTLED_FACTOR, max(retry.longest_s, 0.0))
        share = (1 + share) / 2
    asked = min(max(retry_after_s or 0.0, 0.0), LONGEST_RETRY_AFTER_S)
    return max(bound * share, asked + bound * share / 10 if asked else 0.0)


def next_wait(
    retry: Retry, failure: Failure, tried: int, *, seed: str, retry_after_s: float | None = None
) -> float | None:
    """Seconds until the next try after ``tried`` tries, the first one counted; None where there is none."""
    if tried >= retry.tries or not is_retried(failure):
        return None
    return wait_before(retry, tried + 1, seed=seed, kind=failure.kind, retry_after_s=retry_after_s)


def _bound(retry: Retry, doublings: int) -> float:
    if retry.first_s <= 0 or retry.longest_s <= 0:
        return 0.0
    exponent = math.log(retry.first_s) + doublings * math.log(max(retry.factor, 1.0))
    return retry.longest_s if exponent >= math.log(retry.longest_s) else math.exp(exponent)


def _share(seed: str) -> float:
    return int.from_bytes(hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:8], "big") / 2**64


class Circuit(StrEnum):
    """CLOSED lets everything through, OPEN nothing, HALF_OPEN one task at a time, which tries out the source."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """After ``threshold`` failures in a row a source rests for ``first_s``; each time again twice as long, to ``longest_s``."""

    threshold: int = 5
    first_s: float = 60.0
    longest_s: float = 3_600.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """The state kept for one source: failures in a row, how often it opened since a success, and until when it is open."""

    failures: int = 0
    opened: int = 0
    open_until: datetime | None = None


# What says something about the source itself; a bug of ours or one broken object does not.
_COUNTS = RETRIED | {FailureKind.CREDENTIALS}


def circuit(breaker: Breaker, now: datetime) -> Circuit:
    """Where the breaker stands."""
    if breaker.open_until is None:
        return Circuit.CLOSED
    return Circuit.OPEN if now < breaker.open_until else Circuit.HALF_OPEN


def after_failure(
    breaker: Breaker, now: datetime, kind: FailureKind, rules: BreakerRules = BreakerRules()
) -> Breaker:
    """A task failed. Wrong credentials open the circuit at once, before the source locks the account."""
    if kind not in _COUNTS:  # the source answered
        return after_success(breaker) if circuit(breaker, now) is Circuit.HALF_OPEN else breaker
    failures = breaker.failures + 1
    where = circuit(breaker, now)
    at_once = where is Circuit.HALF_OPEN or kind is FailureKind.CREDENTIALS
    if where is Circuit.OPEN or (failures < rules.threshold and not at_once):
        return replace(breaker, failures=failures)
    rest = min(rules.first_s * 2.0 ** min(breaker.opened, 60), rules.longest_s)
    return Breaker(failures, breaker.opened + 1, now + timedelta(seconds=rest))


def after_success(breaker: Breaker) -> Breaker:
    """A task reached the source: everything is as at first. A task that began before the circuit opened counts as well."""
    return Breaker() if breaker != Breaker() else breaker
