"""One request as one person may see it: plain JSON, blinded where votes are.

- Authors see no vote before it is decided; a checker sees the own votes until the independent phase ends.
- A comment among checkers is for checkers and auditors.
- `actions` holds what `permissions` would let pass now; the page draws no other button.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.review import votes
from kernel_guard.review.assess import RISKS, Assessment
from kernel_guard.review.content import Content, Item
from kernel_guard.review.permissions import Actor, Standing, can_action, standings, why_not
from kernel_guard.review.records import Comment, Deed, Request, Version
from kernel_guard.review.states import OWNERS, WITH_CHECKERS, Action, State
from kernel_guard.review.votes import Vote

_OFFERED = (
    Action.EDIT, Action.SUBMIT, Action.VOTE, Action.RETURN, Action.APPROVE, Action.REJECT, Action.RELEASE,
    Action.WITHDRAW, Action.COMMENT, Action.DOWNLOAD,
)  # fmt: skip
DECIDED = frozenset({State.APPROVED, State.RETURNED, State.REJECTED, State.RELEASED})


@dataclass(frozen=True)
class Story:
    """Everything that is stored of a request; `judged` is the assessment of what it shows."""

    request: Request
    versions: list[Version]
    votes: list[Vote]
    comments: list[Comment]
    deeds: list[Deed]
    judged: Mapping[str, Any]

    @property
    def shown(self) -> Content:
        """The version that checkers see; the working copy where it is the authors' move."""
        with_checkers = self.request.state in WITH_CHECKERS or self.request.state in (State.REJECTED, State.RELEASED)
        return self.versions[-1].content if self.versions and with_checkers else self.request.content

    @property
    def needed(self) -> dict[str, int]:
        return {name: int(found["checkers"]) for name, found in self.judged.get("items", {}).items()}

    @property
    def counted(self) -> list[Vote]:
        """The votes that count for what is shown; an author's own do not."""
        digests = {item.id: item.digest for item in self.shown.items}
        cast = [v for v in self.votes if v.by not in self.request.authors]
        return votes.current(cast, digests, self.request.version)

    @property
    def phase(self) -> str:
        if self.request.state is not State.IN_REVIEW:
            return ""
        return votes.JOINT if votes.independent_done(self.needed, self.counted) else votes.INDEPENDENT


def summary(story: Story, viewer: str) -> dict[str, Any]:
    """A line of a list."""
    request, counted = story.request, story.counted
    open_items = votes.waits_for(viewer, story.needed, counted) if request.state in WITH_CHECKERS else []
    found = [f["severity"] for item in story.judged.get("items", {}).values() for f in item["findings"]]
    return {
        **{
            name: getattr(request, name)
            for name in ("id", "number", "title", "project", "study", "version", "revision")
        },
        "state": request.state.value,
        "phase": story.phase,
        "owner": OWNERS[request.state].value,
        "authors": list(request.authors),
        **{name: getattr(request, name) or None for name in ("created", "submitted", "expires")},
        "items": len(story.shown.items),
        "risk": story.judged.get("risk", RISKS[request.risk]),
        "checkers_needed": story.judged.get("checkers", request.checkers),
        "votes_in": len({v.by for v in counted}),
        "findings": {severity: found.count(severity) for severity in ("stop", "look")},
        "mine_to_vote": bool(open_items) and viewer not in request.authors and request.state is not State.APPROVED,
    }


def whole(story: Story, actor: Actor, statements: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A request's page."""
    request = story.request
    held = standings(actor, request.project, request.authors)
    checker = Standing.CHECKER in held
    inside = checker or Standing.AUDITOR in held
    actions, why_not = _actions(story, actor)
    content = story.shown
    order = [i for i in story.judged.get("order", []) if i in {item.id for item in content.items}]
    items = {item.id: item for item in content.items}
    return {
        **summary(story, actor.user),
        "groups": [_group(group, content, statements) for group in content.groups],
        "group_findings": dict(story.judged.get("groups", {})),
        "items": [_item(story, items[i], actor.user, checker=checker, statements=statements) for i in order],
        "comments": [{**vars(c), "item": c.item or None} for c in story.comments if inside or c.visibility == "public"],
        "history": [_deed(d, blind=not inside and request.state not in DECIDED) for d in story.deeds if _told(d)],
        "versions": [
            {"version": v.version, "submitted": v.submitted, "by": v.by, "digest": v.digest} for v in story.versions
        ],
        "actions": actions,
        "why_not": why_not,
    }


def preview(content: Content, assessment: Assessment) -> dict[str, Any]:
    """What triage says of something that was not submitted."""
    found = assessment.to_json()
    items = [
        {"id": i.id, **{k: found["items"][i.id][k] for k in ("class", "checkers", "passed", "findings")}}
        for i in content.items
    ]
    groups = [{"id": name, "findings": findings} for name, findings in found["groups"].items()]
    return {"items": items, "groups": groups, "risk": found["risk"], "stops": assessment.stops(content)}


def _actions(story: Story, actor: Actor) -> tuple[list[str], dict[str, str]]:
    """What may be done now, and why the decisions may not."""
    request = story.request
    names, why = [], {}
    for action in _OFFERED:
        if can_action(actor, request.state, action, request.project, request.authors):
            names.append(action.value)
        elif action in (Action.VOTE, Action.APPROVE, Action.RELEASE):
            why[action.value] = why_not(actor, request.state, action, request.project, request.authors)
    if story.phase == votes.INDEPENDENT:
        for name in (Action.APPROVE.value, Action.REJECT.value):
            if name in names:
                names.remove(name)
                why[name] = "The independent votes are not all in."
    elif story.phase == votes.JOINT and Action.APPROVE.value in names:
        if any(votes.result(i, n, story.counted) != "approved" for i, n in story.needed.items()):
            names.remove(Action.APPROVE.value)
            why[Action.APPROVE.value] = "Not every item is approved by all who voted."
    return names, why


def _group(group: Any, content: Content, statements: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A group with the essentials that nobody needs to type."""
    items = [i for i in content.items if i.group == group.id]
    known = [statements[r] for i in items for r in i.releases if r in statements]

    def every(name: str) -> list[str]:
        return sorted({str(s[name]) for s in known if s.get(name)})

    filled = {"studies": every("study"), "data_versions": every("data_version"), "purposes": every("purpose"),
              "routes": every("route"), "releases": len(known)}  # fmt: skip
    return {**vars(group), "filled": filled, "items": [i.id for i in items]}


def _item(
    story: Story, item: Item, viewer: str, *, checker: bool, statements: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    judged = story.judged["items"][item.id]
    mine = [v for v in votes.latest(story.counted).values() if v.item == item.id]
    seen = votes.visible(mine, viewer, checker=checker, phase=story.phase, decided=story.request.state in DECIDED)
    open_now = story.phase == votes.INDEPENDENT or story.request.state is State.SUBMITTED
    return {
        **{name: getattr(item, name) for name in ("id", "kind", "name", "group", "digest", "justification", "seal")},
        "authors": list(item.authors),
        **judged,
        "content": _content(item, statements),
        "votes": [
            {"by": v.by, "mine": v.by == viewer, "vote": v.vote, "reason": v.reason, "time": v.time,
             "phase": v.phase, "kept": v.kept}
            for v in seen
        ],
        "votes_in": len(mine),
        "votes_hidden": len(mine) - len(seen),
        "result": "open" if open_now else votes.result(item.id, judged["checkers"], mine),
    }  # fmt: skip


def _content(item: Item, statements: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """An item's content; a release comes with what the vault's statement says."""
    statement = statements.get(item.releases[0]) if item.kind == "release" else None
    if statement is None:
        return dict(item.content)
    names = ("columns", "rows", "words", "route", "synthetic", "confidence", "created")
    return {**item.content, **{name: statement.get(name) for name in names}}


def _deed(deed: Deed, *, blind: bool) -> dict[str, Any]:
    """A line of history; who voted is told to nobody outside before it is decided."""
    hidden = blind and deed.action == Action.VOTE.value
    return {
        "time": deed.time, "by": "a checker" if hidden else deed.by, "action": deed.action,
        "state": deed.state.value, "version": deed.version, "reason": deed.reason,
    }  # fmt: skip


def _told(deed: Deed) -> bool:
    return deed.action not in (Action.COMMENT.value, Action.EDIT.value)
