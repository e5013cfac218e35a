"""Conditions of workflows: CEL over the facts of a run, compiled once, bounded in size and in work.

The facts are ``run`` (its options), ``source``, ``inputs`` and ``stages`` (by name, what each stage that is over counted). CEL has no
loops but its macros, so text of bounded length whose macros do not nest ends in time that is linear in the facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import cel

from schema.errors import ConditionFailed, InvalidInput

LONGEST = 1_000  # characters of a condition
MOST = 10_000  # batches of a for_each
_DEEPEST = 12  # brackets within brackets
_FACTS = frozenset({"run", "source", "inputs", "stages"})
_TYPES = frozenset({"int", "uint", "double", "string", "bool", "bytes", "list", "map", "null_type"})
_MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
_FUNCTIONS = frozenset(
    [
        "size",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "type",
        "dyn",
        "int",
        "uint",
        "double",
        "string",
        "timestamp",
        "duration",
        "@in",
    ]
)
_TOKEN = re.compile(
    r"""\s+ | //[^\n]*
    | (?P<string>[rRbB]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    | (?P<name>[A-Za-z_]\w*)
    | (?P<other>[0-9][\w.]*|.)""",
    re.VERBOSE | re.DOTALL,
)


class Condition:
    """One CEL expression. Raises ``InvalidInput`` where it is not CEL, too large, or names what no run has."""

    def __init__(self, text: str) -> None:
        self.text = text
        if not text.strip() or len(text) > LONGEST:
            raise _bad("is empty" if len(text) <= LONGEST else f"is longer than {LONGEST} characters")
        tokens = list(_tokens(text))
        _check_nesting(tokens)
        self.paths = frozenset(_named(tokens, "stages", "stage", "Write stages.name.fact."))
        self.stages = frozenset(path[0] for path in self.paths)  # those whose facts it reads
        self.inputs = frozenset(path[0] for path in _named(tokens, "inputs", "input", "Write inputs.name."))
        self._program = _compiled(text)
        bound = {name for call, name in zip(tokens, tokens[2:], strict=False) if call in _MACROS}
        unknown = {*self._program.variables()} - _FACTS - _TYPES - bound
        if unknown:
            raise _bad(f"names {_list(unknown)}", "The facts are run, source, inputs and stages.")
        called = {f for f in self._program.functions() if re.match(r"[A-Za-z]|@in", f)} - _FUNCTIONS
        if called:
            raise _bad(f"calls {_list(called)}", f"Known are {_list(_FUNCTIONS - {'@in'})} and the macros.")

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"

    def evaluate(self, facts: Mapping[str, Any]) -> bool:
        """Whether it holds; raises ``ConditionFailed`` where a fact is missing or it is not true or false."""
        found = self._run(facts)
        if not isinstance(found, bool):
            raise ConditionFailed(self.text, f"it gives {_kind(found)}, not true or false")
        return found

    def count(self, facts: Mapping[str, Any]) -> int | list[Any]:
        """Over what a stage fans out: how many batches, or the list itself; raises ``ConditionFailed``."""
        found = self._run(facts)
        if isinstance(found, bool) or not isinstance(found, int | list):
            raise ConditionFailed(self.text, f"it gives {_kind(found)}, not a whole number or a list")
        size = len(found) if isinstance(found, list) else found
        if not 0 <= size <= MOST:
            raise ConditionFailed(self.text, f"it gives {size} batches, and there may be 0 to {MOST}")
        return found

    def text_of(self, facts: Mapping[str, Any]) -> str:
        """What it gives, for a sentence; raises ``ConditionFailed`` where that is no text, number or truth."""
        found = self._run(facts)
        if isinstance(found, bool):
            return "true" if found else "false"
        if not isinstance(found, str | int | float):
            raise ConditionFailed(self.text, f"it gives {_kind(found)}, not a text or a number")
        return str(found)

    def _run(self, facts: Mapping[str, Any]) -> object:
        try:
            return self._program.execute(dict(facts))
        except KeyError as error:
            why = f"there is no fact {str(error.args[0])[:80]}"
        except RuntimeError:
            missing = sorted({*self._program.variables()} & _FACTS - facts.keys())
            why = (
                f"there is no fact {missing[0]}" if missing else "a function was given what it does not take"
            )
        except TypeError:
            why = "a fact is not of the type it is used as"
        except (ArithmeticError, ValueError, IndexError):
            why = "a number, text or index is outside what it may be"
        raise ConditionFailed(self.text, why)


def _compiled(text: str) -> cel.Program:
    try:
        return cel.compile(text)
    except ValueError as error:
        told = re.search(
            r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]{1,80}?)(?: expecting|\n|$)", str(error)
        )
        where = f", character {told[2]}: {told[3]}" if told else ""
        raise _bad(f"is not CEL{where}") from None


def _tokens(text: str) -> Iterator[str]:
    return (found.group() for found in _TOKEN.finditer(text) if found.lastgroup)


def _check_nesting(words: Sequence[str]) -> None:
    open_: list[bool] = []  # of each open bracket, whether a macro opened it
    for position, word in enumerate(words):
        if word in ("(", "[", "{"):
            macro = word == "(" and words[position - 1] in _MACROS and words[position - 2] == "."
            if macro and any(open_):
                raise _bad("has a macro within a macro", "Count it in an earlier stage instead.")
            open_.append(macro)
        elif word in (")", "]", "}") and open_:
            open_.pop()
        if len(open_) > _DEEPEST:
            raise _bad("is nested too deep")


def _named(words: Sequence[str], fact: str, what: str, remedy: str) -> Iterator[tuple[str, ...]]:
    """The names that follow ``fact``, by dots or in brackets; a first one that is computed could be any, so it is refused."""
    for position, word in enumerate(words):
        if word != fact or (position and words[position - 1] == "."):
            continue
        names: list[str] = []
        at = position + 1
        while at + 1 < len(words):
            sign, name = words[at], words[at + 1]
            if sign == "." and re.fullmatch(r"\w+", name) and words[at + 2 : at + 3] != ["("]:
                names.append(name)
                at += 2
            elif sign == "[" and re.fullmatch(r"""(["'])\w+\1""", name):
                names.append(name[1:-1])
                at += 3
            else:
                break
        if not names:
            raise _bad(f"does not say which {what} it means", remedy)
        yield tuple(names)


def _bad(why: str, remedy: str = "") -> InvalidInput:
    return InvalidInput(
        f"The condition {why}.", remedy=remedy or "Write CEL such as stages.discover.changed > 0."
    )


def _kind(found: object) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", list: "a list"}
    return names.get(type(found), "something else")


def _list(names: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names))[:200]
