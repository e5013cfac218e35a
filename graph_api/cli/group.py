"""The command line: a table of commands, each imported when it is called and not before."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from graph_api.cli.output import show_error
from schema.errors import PursightError

# name: (module of graph_api.cli, what it does). The module holds a function, or a typer.Typer of sub-commands, of that
# name (a dash is an underscore there).
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("stack", "Start Neo4j, Redis, the API and a worker in the background."),
    "down": ("stack", "Stop everything that `up` started, and wait until it has ended."),
    "status": ("stack", "Show what runs: process, port, uptime, health."),
    "doctor": ("doctor", "Check this installation; every problem comes with its remedy."),
    "serve": ("stack", "Run the API in the foreground."),
    "worker": ("stack", "Run a worker in the foreground."),
    "migrate": ("stack", "Apply the pending migrations of the graph."),
    "scan": ("scans", "Scan a source, by a recipe or by its name."),
    "runs": ("scans", "List scans, newest first."),
    "run": ("runs", "Show one run; cancel, pause, resume, replay, approve or reject it."),
    "workflow": ("workflows", "List, show, check, save, delete and start workflows."),
    "approvals": ("approvals", "Let somebody decide about runs in your place; list and end that."),
    "limits": ("limits", "Show and set what all workers together may do to the sources."),
    "queue": ("runs", "Show what waits for workers, what was put aside and why, and who works."),
    "times": ("runs", "Show what scans spent their time on, by stage, source, worker or rule."),
    "sources": ("scans", "List registered sources."),
    "health": ("health", "Show how well sources do, and why; of one in detail."),
    "credential": ("credentials", "Rotate the secrets of a source; say when they expire."),
    "stale": ("stale", "Show what scans of a source do not find any more, and what becomes of it."),
    "search": ("catalog", "Search the catalogue."),
    "impact": ("catalog", "Show what depends on an asset."),
    "lineage": ("catalog", "Write the lineage of an asset as a drawing, graph, list or events."),
    "usage": ("usage", "Count what a query log or the server tells of a source's use."),
    "schema-diff": ("evolution", "Show how two versions of a dataset's schema differ."),
    "classify": ("classify", "Tell what columns of a CSV file hold; --jsonl answers lines."),
    "classifier": ("classifiers", "List, show, try, save, import and export classifiers; switch them."),
    "model": ("models", "Train the model by what people decided, list its versions, roll back."),
    "review": ("review", "Decide what machines suggest; see how good they are, make exceptions."),
    "propagation": ("propagation", "Show, block and recompute what columns inherit along lineage."),
    "sample": ("sample", "Show a few rows of a dataset, masked."),
    "masking": ("masking", "List and set the masks of samples; bind values and tokens to purposes."),
    "token": ("tokens", "Make, list and revoke access tokens."),
    "export-schema": ("schema", "Print the GraphQL schema (SDL)."),
    "sql-lineage": ("sql", "Show the column lineage of SQL, without a server."),
    "export-docs": ("docs", "Write the reference pages."),
    "demo": ("demo", "Fill the catalogue with an example and show where to look."),
}


class LazyGroup(TyperGroup):
    """Lists commands from the table; imports the module of the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][1]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        if name:
            configure_logs(name)
        return name, load(name) if name else command, rest


def configure_logs(command: str) -> None:
    """Servers log as the settings say; other commands speak to people, and log errors only unless asked for more."""
    from graph_api.logs import configure
    from schema.settings import settings

    own = settings()
    if command not in ("serve", "worker") and "log_level" not in own.model_fields_set:
        own = own.model_copy(update={"log_level": "ERROR"})
    configure(own)


def load(name: str) -> Any:
    """The command of that name, ready to be run."""
    module, text = COMMANDS[name]
    found = getattr(import_module(f"graph_api.cli.{module}"), name.replace("-", "_"))
    if isinstance(found, typer.Typer):
        found.info.help = text
        return get_command(found)
    single = typer.Typer(add_completion=False)
    single.command(name, help=text)(found)
    return get_command(single)


app = typer.Typer(
    name="pursight",
    cls=LazyGroup,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def pursight() -> None:
    """PurSight: data catalogue, lineage, classifications and compliance as one graph."""


def main() -> None:
    """Run the command line and exit: 0 fine, 1 failed, 2 wrong usage."""
    from pydantic import ValidationError

    try:
        get_command(app)(prog_name="pursight")
    except PursightError as error:
        show_error(error)
        raise SystemExit(1) from None
    except ValidationError as wrong:
        if wrong.title != "Settings":
            raise
        for problem in wrong.errors(include_input=False, include_url=False, include_context=False):
            name = str(problem["loc"][0]) if problem["loc"] else ""
            variable = name if name.isupper() else f"PURSIGHT_{name.upper()}"
            remedy = "Correct this setting of the environment."
            show_error(PursightError(problem["msg"], path=(variable,), remedy=remedy))
        raise SystemExit(2) from None
