"""Why not somebody else, as the what-if command prints it: numbers, changes and sentences of each consultant. Pure."""

from collections.abc import Collection

from services.scheduler.decision import Verdict
from services.scheduler.decision_words import Names, change_texts, why_text
from services.scheduler.explain import Effort, explain
from services.scheduler.instance_format import Instance
from services.scheduler.instance_problem import problem_of, widened
from services.scheduler.matching import match


def why_not(instance: Instance, about: Collection[str] | None = None) -> list[dict[str, object]]:
    """In the order of the instance, everybody but the winner, or those whom it is `about`; all is worked out."""
    problem = problem_of(instance)
    decision = explain(
        problem,
        match(problem, others=True),
        widen=lambda days: widened(instance, days),
        effort=Effort.whole(about),
    )
    verdicts = {one.id: one for one in decision.others}
    found = decision.winner is not None
    return [verdict_as_json(verdicts[one.id], found=found) for one in problem.consultants if one.id in verdicts]


def verdict_as_json(verdict: Verdict, *, found: bool) -> dict[str, object]:
    """One verdict with its sentences, in which the consultant goes by her id; `found`: somebody was chosen."""
    changes = verdict.changes
    whole = verdict.model_dump(mode="json", include={"id", "near", "difference"})
    names = {language: Names(language, consultants={verdict.id: verdict.id}) for language in ("da", "en")}
    return {
        **whole,
        "changes": None if changes is None else changes.model_dump(mode="json", exclude={"untried"}),
        "first": None if changes is None else changes.first,
        "words": {
            language: [why_text(verdict, some), *change_texts(verdict, some, found=found)]
            for language, some in names.items()
        },
    }
