"""Makes documents of pictures, off the event loop."""

from __future__ import annotations

import asyncio

from graph_api.context import Context
from graph_api.pictures.formats import Document, Format, write
from graph_api.pictures.model import Picture
from graph_api.pictures.reading import Question, picture, surroundings


async def export(context: Context, question: Question, form: Format) -> tuple[Document, Picture] | None:
    """The document and what it shows; None where the reader may not see the start. Raises ``QueryTimeout``."""
    found = await surroundings(context, question)
    if found is None:
        return None
    of = await picture(context, found)
    # Laying out thousands of assets takes a second or two, in which others shall be answered.
    return await asyncio.to_thread(write, of, form), of
