"""A review API in memory for the page: one request with a long table, a figure, and text that tries to be HTML."""

from __future__ import annotations

import copy
from typing import Any

HOSTILE = '<img src=x onerror="window.stolen=1"><script>window.stolen=1</script>'
EVIDENCE: dict[str, Any] = {
    "made": "2026-01-02T03:04:05Z", "route": "sdc", "words": "Number of patients by sex.", "cohort": "person",
    "releases": [], "patients": [{"row": 0, "column": "n", "band": "20-49"}],
    "rules": [{"rule": "threshold", "verdict": "pass", "detail": "10", "margin": "9 of 10 cells are twice it"}],
    "degrees_of_freedom": [], "differencing": {"compared": 12, "same_cohort": 3, "verdict": "pass", "detail": ""},
    "budget": {"epsilon": "0", "delta": "0"}, "others": [], "code": {"since_approved": None, "approved_version": None},
}  # fmt: skip
SIGNED_OUT = {
    "signed_in": False, "kind": "grant", "user": "ana", "methods": ["password"],
    "rights": [{"project": "demo", "role": "researcher", "expires": "2030-01-01T00:00:00Z"}],
}  # fmt: skip
CHECKER = {
    "signed_in": True, "kind": "session", "user": "bea", "name": "Bea", "methods": ["password"],
    "rights": [{"project": "demo", "role": role, "expires": "2030-01-01T00:00:00Z"} for role in ("checker", "auditor")],
}  # fmt: skip


def item(number: int, kind: str, content: dict[str, Any], *, passed: bool, **more: Any) -> dict[str, Any]:
    return {
        "id": f"i{number}", "kind": kind, "name": f"Item {number}", "group": "g1", "digest": "d", "authors": ["ana"],
        "class": "sdc", "checkers": 1, "passed": passed, "content": content, "findings": [], "justification": "",
        "evidence": EVIDENCE, "votes": [], "votes_in": 0, "votes_hidden": None, "result": "open", **more,
    }  # fmt: skip


def long_table(rows: int = 1000, columns: int = 10) -> dict[str, Any]:
    names = [{"name": f"c{c}", "type": "integer"} for c in range(columns)]
    return {"columns": names, "rows": [[r * columns + c for c in range(columns)] for r in range(rows)], "releases": []}


def hostile_items(first: int) -> list[dict[str, Any]]:
    """A figure, a model, code and a table whose every text tries to be HTML."""
    columns = [{"name": HOSTILE, "type": "string"}, {"name": f"n {HOSTILE}", "type": "integer"}]
    figure = {"chart": "bar", "x": HOSTILE, "y": [f"n {HOSTILE}"], "title": HOSTILE, "x_label": HOSTILE,
              "y_label": HOSTILE, "columns": columns, "rows": [[HOSTILE, 40]], "releases": ["r1"]}  # fmt: skip
    model = {"model": HOSTILE, "formula": HOSTILE, "observations": 80, "parameters": 2, "releases": ["r1"],
             "terms": [{"name": HOSTILE, "estimate": 1.5}], "statistics": {HOSTILE: 0.5}}  # fmt: skip
    code = {"language": HOSTILE, "cells": [{"source": f"# {HOSTILE}", "outputs": []}]}
    table = {"columns": columns, "rows": [[HOSTILE, 40]], "releases": ["r1"], "note": HOSTILE}
    finding = {"code": "x", "severity": "look", "message": HOSTILE, "hint": HOSTILE, "cells": [[0, HOSTILE]]}
    near = {"release": HOSTILE, "relation": "overlaps", "apart": "20-49", "words": HOSTILE, "user": HOSTILE,
            "project": HOSTILE}  # fmt: skip
    evidence = {
        **EVIDENCE, "words": HOSTILE, "cohort": HOSTILE,
        "differencing": {**EVIDENCE["differencing"], "detail": HOSTILE, "nearest": [near]},
        "others": [{"project": HOSTILE, "user": HOSTILE, "created": "2026-01-02T00:00:00Z", "words": HOSTILE}],
        "rules": [{"rule": HOSTILE, "verdict": "pass", "detail": HOSTILE, "margin": HOSTILE}],
        "code": {"since_approved": f"+{HOSTILE}", "approved_version": 1, "matches": False},
    }  # fmt: skip
    kinds = (("figure", figure), ("model", model), ("code", code), ("table", table))
    more = {"findings": [finding], "justification": HOSTILE, "evidence": evidence, "passed": False}
    return [item(first + n, kind, content, **{**more, "name": HOSTILE}) for n, (kind, content) in enumerate(kinds)]


SUMMARY: dict[str, Any] = {
    "id": "3f", "number": 17, "title": f"Table 1 {HOSTILE}", "project": "demo", "study": "demo-hospital",
    "state": "in_review", "phase": "independent", "owner": "checkers", "version": 2, "authors": ["ana"],
    "created": "2026-01-01T00:00:00Z", "submitted": "2026-01-02T00:00:00Z", "expires": None, "risk": "high",
    "checkers_needed": 2, "votes_in": 1, "findings": {"stop": 0, "look": 1}, "mine_to_vote": True,
}  # fmt: skip


class FakeReview:
    """Answers the page's calls; `posted` keeps what the page sent."""

    def __init__(self) -> None:
        self.session: dict[str, Any] = SIGNED_OUT
        self.posted: list[tuple[str, dict[str, Any]]] = []
        self.revision = 9
        finding = {"code": "unredacted_count", "severity": "look", "message": "A cell is under the threshold.",
                   "hint": "Round it.", "cells": [[3, "c2"]]}  # fmt: skip
        self.items = [
            item(1, "table", long_table(), passed=False, findings=[finding]),
            item(2, "text", {"text": HOSTILE, "releases": []}, passed=False),
            item(
                3,
                "release",
                {**long_table(4, 2), "release": "r1", "words": "Patients by sex", "route": "sdc"},
                passed=True,
            ),
            *hostile_items(4),
        ]

    def request(self) -> dict[str, Any]:
        group = {"id": "g1", "context": "Patients by sex.", "controls": "Rounded to 5.", "filled": {}, "items": ["i1"]}
        comment = {"id": "c1", "by": "ana", "role": "researcher", "time": "2026-01-02T00:00:00Z", "text": HOSTILE,
                   "visibility": "public", "item": "i1"}  # fmt: skip
        return {
            **SUMMARY, "revision": self.revision, "items": copy.deepcopy(self.items), "groups": [group],
            "comments": [comment], "history": [], "versions": [], "actions": ["vote", "return", "comment"],
            "why_not": {"approve": "The independent votes are not all in."},
        }  # fmt: skip

    def answer(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if method == "POST":
            self.posted.append((path, body))
        match path:
            case "session":
                self.session = CHECKER if method == "POST" else self.session
                return self.session
            case "review/requests":
                listed = {**SUMMARY, "revision": self.revision, "items": len(self.items)}
                return {"requests": [listed], "next": None, "counts": {"mine": 1, "queue": 1}}
            case "review/requests/3f/votes":
                self.vote(body)
                return self.request()
            case "review/notifications" | "review/notifications/read":
                return self.notifications(path.endswith("read"))
            case "review/audit":
                return self.audit()
            case "review/audit/verify":
                return {"intact": True, "rows": 812, "first_bad": None, "reason": ""}
            case _:
                return self.request()

    def vote(self, body: dict[str, Any]) -> None:
        self.revision += 1
        for ballot in body["votes"]:
            voted = next(one for one in self.items if one["id"] == ballot["item"])
            voted["votes"] = [{"by": "bea", "mine": True, "time": "", "phase": "independent", "kept": False, **ballot}]

    def notifications(self, read: bool) -> dict[str, Any]:
        one = {"id": 41, "time": "2026-01-02T00:00:00Z", "kind": "submitted", "request": "3f", "number": 17,
               "title": "Table 1", "project": "demo", "text": "waits for your check", "read": read}  # fmt: skip
        return {"unread": 0 if read else 1, "notifications": [one]}

    def audit(self) -> dict[str, Any]:
        records = [
            {"seq": 812 - n, "time": "2026-01-02T00:00:00Z", "kind": "release.made", "actor": "ana", "project": "demo",
             "study": "demo-hospital", "subject": "r1", "details": {"words": HOSTILE}, "hash": "h"}
            for n in range(200)
        ]  # fmt: skip
        return {"records": records, "next": 612, "head": {"seq": 812, "hash": "h"}, "kinds": ["release.made"]}
