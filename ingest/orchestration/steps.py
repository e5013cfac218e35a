"""Actions for workflows of one's own, besides those of a scan: tell people, see that something holds, take the run back."""

from __future__ import annotations

from ingest.commands.notices import notify
from ingest.commands.undo import undo_run
from ingest.orchestration.actions import CheckArguments, NotifyArguments, arguments_of
from ingest.orchestration.outcomes import Done
from ingest.orchestration.task import Task, action
from ingest.workflows.conditions import Condition
from ingest.workflows.templates import Template
from schema.domain.identity import SYSTEM
from schema.domain.undo import Outcome
from schema.errors import Conflict


@action("notify")
async def tell(task: Task) -> Done:
    """One alert for whoever listens to ``notify.*``."""
    given: NotifyArguments = arguments_of("notify", task.claim.stage.arguments)
    text = Template(given.text).render(task.claim.facts)
    await notify(
        task.graph,
        run=task.run,
        source=task.source,
        task=task.claim.task,
        text=text,
        severity=given.severity,
    )
    return Done(facts={"told": True})


@action("check")
async def see(task: Task) -> Done:
    """Fail where a condition does not hold; raises ``Conflict`` with what there is to say, and ``ConditionFailed``."""
    given: CheckArguments = arguments_of("check", task.claim.stage.arguments)
    if not Condition(given.that).evaluate(task.claim.facts):
        told = Template(given.text).render(task.claim.facts) if given.text else f"{given.that} does not hold."
        raise Conflict(told, remedy="Look at the facts of the stages before it.")
    return Done()


@action("undo")
async def take_back(task: Task) -> Done:
    """Take back what this run changed and nothing changed since; done again, it goes on where it stopped."""
    undone = await undo_run(
        task.graph,
        SYSTEM,
        run=task.run,
        dry_run=False,
        reason="A later stage of the run failed, or it was cancelled.",
        from_within=True,
    )
    counts = {outcome.value.lower(): undone.tally.number(outcome) for outcome in Outcome}
    return Done(facts=counts)
