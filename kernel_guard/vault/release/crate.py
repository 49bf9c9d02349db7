"""The bundle's description: RO-Crate 1.1 metadata after the Five Safes RO-Crate profile 0.4.

- One `CreateAction` says what was made, by whom, with which code; one `AssessAction` each says that the content was
  checked by the vault's rules, that disclosure was checked by people, and that it was signed off.
- Only facts about what leaves: no flagged cell, no count of masked cells, no unrounded value, no kernel history.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

CRATE = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/5s-crate/0.4"
_SHP = "https://w3id.org/shp#"
_TYPES = {
    "csv": "text/csv", "parquet": "application/vnd.apache.parquet", "png": "image/png", "html": "text/html",
    "ipynb": "application/x-ipynb+json", "json": "application/json", "txt": "text/plain",
}  # fmt: skip


def metadata(facts: Mapping[str, Any], files: Mapping[str, bytes], described: Mapping[str, str]) -> bytes:
    """`ro-crate-metadata.json`; `described` has a sentence for each file."""
    people = sorted({*facts["authors"], *(s["by"] for s in facts["sign_offs"])})
    entities = [
        _descriptor(),
        _root(facts, sorted(files)),
        _project(facts),
        _software(facts),
        *(_file(name, content, described[name]) for name, content in sorted(files.items())),
        *(_person(name) for name in people),
        *_actions(facts, sorted(files)),
        *_terms(),
        *_context(facts),
    ]
    document = {"@context": f"{CRATE}/context", "@graph": entities}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _descriptor() -> dict[str, Any]:
    return {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": CRATE},
        "about": {"@id": "./"},
    }


def _root(facts: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    return {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": PROFILE},
        "name": facts["title"],
        "description": f"Outputs of project {facts['project']} released after disclosure control.",
        "datePublished": facts["released"],
        "license": {"@id": "#terms"},
        "author": _one([{"@id": f"#person-{name}"} for name in facts["authors"]]),
        "publisher": {"@id": "#publisher"},
        "identifier": facts["urn"],
        "hasPart": [{"@id": name} for name in names],
        "mentions": [{"@id": f"#{name}"} for name in ("create", "check", "validation", "disclosure", "sign-off")],
        "sourceOrganization": {"@id": "#project"},
        "mainEntity": {"@id": "#kernel-guard"},
    }


def _project(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@id": "#project",
        "@type": "Project",
        "name": facts["project"],
        "identifier": facts["project"],
        "member": _one([{"@id": f"#person-{name}"} for name in facts["authors"]]),
    }


def _software(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@id": "#kernel-guard",
        "@type": "SoftwareApplication",
        "name": "Kernel Guard",
        "version": facts["software"],
        "softwareVersion": facts["software"],
        "url": "https://kernel-guard.org/",
    }


def _file(name: str, content: bytes, sentence: str) -> dict[str, Any]:
    return {
        "@id": name,
        "@type": "File",
        "name": name.rpartition("/")[2],
        "description": sentence,
        "encodingFormat": _TYPES[name.rpartition(".")[2]],
        "contentSize": str(len(content)),
    }


def _person(name: str) -> dict[str, Any]:
    return {
        "@id": f"#person-{name}", "@type": "Person", "name": name, "affiliation": {"@id": "#publisher"},
        "memberOf": {"@id": "#project"},
    }  # fmt: skip


def _actions(facts: Mapping[str, Any], names: list[str]) -> list[dict[str, Any]]:
    software, root = {"@id": "#kernel-guard"}, {"@id": "./"}
    signed = [{"@id": f"#person-{s['by']}"} for s in facts["sign_offs"]]
    done = {"@id": "http://schema.org/CompletedActionStatus"}
    created = {
        "@id": "#create",
        "@type": "CreateAction",
        "name": f"Analysis of project {facts['project']}",
        "agent": {"@id": f"#person-{facts['authors'][0]}"},
        "instrument": software,
        "object": [],
        "result": [{"@id": name} for name in names],
        "actionStatus": done,
        "endTime": facts["submitted"],
    }

    def assessed(name: str, kind: str, title: str, agent: Any, moment: str) -> dict[str, Any]:
        return {
            "@id": f"#{name}", "@type": "AssessAction", "additionalType": {"@id": _SHP + kind}, "name": title,
            "object": root, "instrument": {"@id": PROFILE}, "agent": agent, "actionStatus": done, "endTime": moment,
        }  # fmt: skip

    people: Any = _one(signed) if signed else software
    return [
        created,
        assessed("check", "CheckValue", "Checksums of the bag", software, facts["released"]),
        assessed("validation", "ValidationCheck", "Rules of the project's studies", software, facts["submitted"]),
        assessed("disclosure", "DisclosureCheck", "Disclosure control", people, facts["approved"]),
        assessed("sign-off", "SignOff", "Sign-off of the release", people, facts["approved"]),
        {"@id": PROFILE, "@type": "Profile", "name": "Five Safes RO-Crate profile"},
    ]


def _one(values: list[Any]) -> Any:
    """A single value stands without a list, as RO-Crate's JSON-LD recommends."""
    return values[0] if len(values) == 1 else values


def _context(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Under which terms, and by whom, it is given away."""
    agreed = "Reuse as agreed in the project's data use agreement."
    return [
        {"@id": "#terms", "@type": "CreativeWork", "name": "Data use agreement", "description": agreed},
        {
            "@id": "#publisher",
            "@type": "Organization",
            "name": f"The vault of project {facts['project']}",
            "url": "https://kernel-guard.org/",
        },
    ]


def _terms() -> list[dict[str, Any]]:
    return [
        {"@id": _SHP + kind, "@type": "DefinedTerm", "name": name, "termCode": _SHP + kind}
        for kind, name in (
            ("CheckValue", "Check value"),
            ("ValidationCheck", "Validation check"),
            ("DisclosureCheck", "Disclosure check"),
            ("SignOff", "Sign-off"),
        )
    ]
