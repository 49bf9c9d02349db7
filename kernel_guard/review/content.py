"""What may be asked to leave, in closed forms: releases, tables, figures as data, models, text, the notebook's code.

- Numbers and text only. A figure is the numbers under it and how to draw them; nobody's HTML, image or script is taken.
- A form that is not known, a field too many, a value of another type or a size above the limits is refused.
- An item's digest covers its kind and content: the same content has the same digest in every request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kernel_guard.errors import RequestInvalid
from kernel_guard.plan.codec import canonical_json
from kernel_guard.review.forms import FORMS, fields, identifier, line, object_, text
from kernel_guard.review.provenance import DERIVED, check_seal

MAX_ITEMS, MAX_GROUPS, MAX_CONTENT = 200, 50, 4_000_000


@dataclass(frozen=True)
class Group:
    """Items that share their context: what they show and why, and how disclosure was controlled."""

    id: str
    context: str = ""
    controls: str = ""


@dataclass(frozen=True)
class Item:
    """One thing that is asked to leave; whoever wrote or changed it is among its `authors`."""

    id: str
    kind: str
    name: str
    group: str
    content: Mapping[str, Any]
    authors: tuple[str, ...]
    justification: str = ""
    seal: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return hashlib.sha256(canonical_json({"kind": self.kind, "content": dict(self.content)})).hexdigest()

    @property
    def releases(self) -> tuple[str, ...]:
        """Ids of the releases that the content says it was made from."""
        if self.kind == "release":
            return (str(self.content["release"]),)
        return tuple(self.content.get("releases", ()))


@dataclass(frozen=True)
class Content:
    """Everything in a request."""

    groups: tuple[Group, ...] = ()
    items: tuple[Item, ...] = ()

    def item(self, item_id: str) -> Item:
        found = next((i for i in self.items if i.id == item_id), None)
        if found is None:
            raise RequestInvalid("There is no such item in this request.", hint="Read it again.")
        return found

    def with_groups(self, groups: tuple[Group, ...]) -> Content:
        """The same items in these groups; an item's group must stay."""
        ids = {g.id for g in groups}
        if len(ids) != len(groups) or len(groups) > MAX_GROUPS:
            raise RequestInvalid("Each group needs an id of its own.", hint=f"At most {MAX_GROUPS} groups.")
        lost = next((i for i in self.items if i.group not in ids), None)
        if lost is not None:
            raise RequestInvalid(f"The item {lost.name!r} would lose its group.", hint="Move or remove it first.")
        return replace(self, groups=groups)

    def with_item(self, item: Item) -> Content:
        """`item` added, or put in place of the one with its id."""
        if item.group not in {g.id for g in self.groups}:
            raise RequestInvalid("There is no such group in this request.", hint="Make the group first.")
        others = [i for i in self.items if i.id != item.id]
        if len(others) >= MAX_ITEMS:
            raise RequestInvalid(f"A request holds at most {MAX_ITEMS} items.", hint="Make a second request.")
        if any(i.digest == item.digest for i in others):
            raise RequestInvalid("This item is in the request already.")
        at = next((n for n, i in enumerate(self.items) if i.id == item.id), len(self.items))
        return replace(self, items=(*self.items[:at], item, *self.items[at + 1 :]))

    def without_item(self, item_id: str) -> Content:
        self.item(item_id)
        return replace(self, items=tuple(i for i in self.items if i.id != item_id))

    def to_json(self) -> dict[str, Any]:
        return {"groups": [vars(g) for g in self.groups], "items": [_item_json(i) for i in self.items]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Content:
        """Back from `to_json`, as the store kept it."""
        items = tuple(Item(**{**i, "authors": tuple(i["authors"])}) for i in value["items"])
        return cls(tuple(Group(**g) for g in value["groups"]), items)


def read_groups(value: Any) -> tuple[Group, ...]:
    """Groups as a page sends them."""
    if not isinstance(value, list):
        raise RequestInvalid("The groups must be a list.")
    found = []
    for entry in value:
        given = fields(entry, {"id": identifier, "context": text, "controls": text}, "group", ("controls",))
        found.append(Group(given["id"], given["context"], given.get("controls", "")))
    return tuple(found)


def read_item(value: Any, *, item_id: str, group: str, authors: tuple[str, ...], keys: Mapping[str, bytes]) -> Item:
    """An item as a page sends it, with the id, group and authors that the caller decided; `keys` vouch for seals."""
    checks = {"id": identifier, "kind": line, "name": line, "content": object_, "justification": text, "seal": object_}
    given = fields(value, checks, "item", ("id", "justification", "seal"))
    form = FORMS.get(given["kind"])
    if form is None:
        raise RequestInvalid(f"Items of the kind {given['kind']!r} cannot leave.", hint=f"Known: {', '.join(FORMS)}.")
    derived = given["kind"] in DERIVED
    shown = {**given["content"], "releases": []} if derived else given["content"]
    content = fields(shown, form.fields, given["kind"], form.optional)
    form.check(content)
    if len(canonical_json(content)) > MAX_CONTENT:
        raise RequestInvalid(f"The item {given['name']!r} is too large.", hint="At most 4 MB each.")
    item = Item(item_id, given["kind"], given["name"], group, content, authors, given.get("justification", ""))
    return _sealed(item, given.get("seal"), keys) if derived else item


def _sealed(item: Item, seal: Any, keys: Mapping[str, bytes]) -> Item:
    """A derived item with its seal, and with the releases that the seal names."""
    proof = check_seal(item.kind, item.content, seal, keys)
    return replace(item, content={**item.content, "releases": list(proof["releases"])}, seal=proof)


def grid(item: Item) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """Columns and rows of an item that has them; empty otherwise."""
    return list(item.content.get("columns", ())), list(item.content.get("rows", ()))


def _item_json(item: Item) -> dict[str, Any]:
    return {**vars(item), "content": dict(item.content), "authors": list(item.authors), "seal": dict(item.seal)}
