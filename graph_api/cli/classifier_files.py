"""Files of classifiers as commands read them, and how their mistakes are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import typer

from schema.errors import BadClassifier, InvalidInput

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ClassifierFiles:
    """YAML files joined to one text; ``folder`` says whether they come from one, so that a line has to be told with its file."""

    files: tuple[Path, ...]
    folder: bool

    @classmethod
    def at(cls, path: Path) -> ClassifierFiles:
        """The file, or all YAML files of the folder."""
        return cls(tuple(sorted(path.glob("*.yaml"))), True) if path.is_dir() else cls((path,), False)

    @property
    def text(self) -> str:
        """Raises ``InvalidInput`` where one cannot be read."""
        return "---\n".join(read_text(file).rstrip("\n") + "\n" for file in self.files)

    def place(self, line: int) -> str:
        """In which of the files, joined as they are, a line is; empty where there is one alone."""
        for file in self.files if self.folder else ():
            lines = read_text(file).rstrip("\n").count("\n") + 2
            if line < lines:
                return f"{file.name}, line {line}: "
            line -= lines
        return ""


def read_text(file: Path) -> str:
    """The text of a file of classifiers, cut behind the most that is taken; raises ``InvalidInput``."""
    from ingest.classifier_text import LARGEST_OF_ALL

    try:
        with file.open(encoding="utf-8") as opened:
            return opened.read(LARGEST_OF_ALL + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InvalidInput(
            f"{file.name} cannot be read: {reason}.", path=("file",), remedy="Check its path."
        ) from None


def told(work: Callable[[], T], place: Callable[[int], str] = lambda line: "") -> T:
    """The result of ``work``; where a text is wrong, all its mistakes are told and the command fails."""
    try:
        return work()
    except BadClassifier as error:
        for each in (error, *error.others):
            typer.echo(f"{place(each.line)}{each.message}\n  {each.remedy}", err=True)
        raise typer.Exit(1) from None
