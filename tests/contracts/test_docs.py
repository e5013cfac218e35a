"""The documentation tells what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graph_api.reference import pages

ROOT = Path(__file__).parents[2]
PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_current(name: str) -> None:
    assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == PAGES[name], "run: pursight export-docs"


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_leaves_nothing_undescribed(name: str) -> None:
    empty = [line for line in PAGES[name].splitlines() if re.search(r"\|\s*\|$", line)]
    assert empty == []


def test_links_between_the_pages_lead_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text("utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []
