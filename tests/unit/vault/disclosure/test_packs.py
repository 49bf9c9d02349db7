"""Rule packs: data that is checked, cited, and combined to the stricter."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel_guard.errors import ConfigError
from kernel_guard.plan import aggregates as agg
from kernel_guard.vault.disclosure.pack import FOLDER, MEANING, load_file, load_pack, pack_names, read_pack, stricter
from kernel_guard.vault.disclosure.paths import PATHS
from kernel_guard.vault.disclosure.statbarns import checks_for
from kernel_guard.vault.policy.dataset import DatasetPolicy

THRESHOLDS = {"uk_tre": 10, "nhs": 8, "opensafely": 8, "opensafely_midpoint6": 8, "cms": 11, "ohdsi": 5,
              "datashield": 3, "all_of_us": 21, "cn_default": 10}  # fmt: skip


def test_the_packs_of_this_product() -> None:
    assert {name: load_pack(name).threshold for name in pack_names()} == THRESHOLDS
    for name in pack_names():
        pack = load_pack(name)
        assert pack.quantile_side >= pack.threshold and set(pack.sources) <= set(MEANING)
        assert all(len(source) > 20 for source in pack.sources.values())
    assert load_pack("uk_tre").zeros_masked and not load_pack("ohdsi").zeros_masked
    assert (load_pack("opensafely").rounding, load_pack("nhs").rounding) == (5, 5)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "title"),
        ('title = "x"', "threshold and zeros"),
        ('title = "x"\n[threshold]\nvalue = 2\nsource = "us"', "must be 3 to 1000"),
        ('title = "x"\n[threshold]\nvalue = true\nsource = "us"', "must be 3 to 1000"),
        ('title = "x"\n[threshold]\nvalue = 10', "the source"),
        ('title = "x"\n[threshold]\nvalue = 10\nsource = " "', "must say where"),
        ('title = "x"\n[treshold]\nvalue = 10\nsource = "us"', "unknown"),
        ('title = "x"\n[differencing]\nvalue = "ignore"\nsource = "us"', "must be"),
        ("title = ", "not valid TOML"),
    ],
)
def test_a_faulty_pack_is_refused(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=wrong):
        load_file(path)


def test_ones_own_pack_survives_storage() -> None:
    for name in pack_names():
        pack = load_pack(name)
        assert read_pack(name, pack.to_json()) == pack
    assert load_file(Path(str(FOLDER / "cms.toml"))) == load_pack("cms")


def test_the_stricter_wins_value_by_value() -> None:
    both = stricter(load_pack("uk_tre"), load_pack("opensafely"))
    assert (both.threshold, both.zeros, both.rounding, both.dominance_share) == (10, "mask", 5, 90)
    assert stricter(load_pack("ohdsi"), load_pack("cms")).threshold == 11
    policy = DatasetPolicy.from_json({"routes": ["sdc"], "pack": "ohdsi", "project_packs": {"p": "all_of_us"}})
    assert policy.rules("other").threshold == 5 and policy.rules("p").threshold == 21
    assert DatasetPolicy.from_json(policy.to_json()) == policy
    assert DatasetPolicy.from_json({"pack": "uk_tre", "threshold": 3}).rules("p").threshold == 10
    with pytest.raises(ConfigError, match="no rule pack"):
        DatasetPolicy.from_json({"pack": "lax"})


def test_every_measure_has_a_class_and_risks() -> None:
    known = {kind for union in agg.Measure.__args__ for kind in getattr(union, "__args__", (union,))}
    # That a value nobody declared exists at all is told by its patients: only noise and a threshold may show it.
    assert set(PATHS) == known - {agg.CommonValues}
    for kind, path in PATHS.items():
        found = path.classified
        assert found.statbarn and found.risks and kind in agg.Measure.__args__, kind
        assert all(checks_for(risk) for risk in found.risks)
