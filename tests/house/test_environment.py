from __future__ import annotations

import re
import tomllib
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.project import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
CONDA: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
PIP: list[str] = next(item["pip"] for item in CONDA["dependencies"] if isinstance(item, dict))


def requirements() -> list[Requirement]:
    lines = [*PROJECT["dependencies"], *(line for lines in EXTRAS.values() for line in lines)]
    found = [Requirement(line) for line in lines]
    return [one for one in found if one.name != PROJECT["name"]]


def pins() -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in CONSTRAINTS.splitlines())
    return [Requirement(line) for line in lines if line]


def test_every_dependency_has_a_lower_bound() -> None:
    """Each dependency says from which version on it is known to work."""
    loose = [
        str(one)
        for one in requirements()
        if not any(part.operator in (">=", "~=", "==") for part in one.specifier)
    ]
    assert loose == []


def test_no_dependency_is_listed_twice() -> None:
    """Each dependency stands in exactly one place of pyproject.toml."""
    names = [canonicalize_name(one.name) for one in requirements()]
    assert sorted(names) == sorted(set(names))


def test_every_dependency_is_pinned_within_its_bounds() -> None:
    """What constraints.txt installs is what pyproject.toml asks for."""
    pinned: dict[str, list[Requirement]] = {}
    for pin in pins():
        pinned.setdefault(canonicalize_name(pin.name), []).append(pin)
    unmet = [
        f"{one} is pinned as {[str(pin) for pin in found]}"
        for one in requirements()
        if not (found := pinned.get(canonicalize_name(one.name), []))
        or not all(one.specifier.contains(exact(pin)) for pin in found)
    ]
    assert unmet == []


def exact(pin: Requirement) -> Version:
    (part,) = pin.specifier
    assert part.operator == "==", f"{pin} is not one version"
    return Version(part.version)


def test_the_constraints_name_versions_and_no_addresses() -> None:
    """Constraints are versions only: where packages come from is each person's own setting."""
    assert len([exact(pin) for pin in pins()]) > len(requirements())
    assert [line for line in CONSTRAINTS.splitlines() if re.search(r"://|@|^\s*-", line)] == []


def test_conda_gets_python_pip_and_this_package() -> None:
    """The conda file lists no dependency of its own, and nothing twice."""
    assert {*CONDA} == {"name", "channels", "dependencies"}
    assert CONDA["name"] == PROJECT["name"]
    assert CONDA["channels"] == ["conda-forge"]
    plain = [
        re.split(r"[<>=!~ ]", item)[0] for item in CONDA["dependencies"] if item != {"pip": PIP}
    ]
    assert plain == ["python", "pip"]
    assert len(PIP) == len({*PIP})


def test_conda_gets_a_python_the_package_takes() -> None:
    """Conda's Python begins where requires-python begins and ends with the last tried version."""
    (line,) = [item for item in CONDA["dependencies"] if str(item).startswith("python")]
    bounds = SpecifierSet(line.removeprefix("python"))
    tried = {
        f"3.{minor}"
        for minor in range(30)
        if f"Programming Language :: Python :: 3.{minor}" in PROJECT["classifiers"]
    }
    assert {f"3.{minor}" for minor in range(30) if f"3.{minor}" in bounds} == tried
    assert all(version in SpecifierSet(PROJECT["requires-python"]) for version in tried)


def test_conda_installs_this_folder_with_extras_that_exist() -> None:
    """Pip, inside conda, installs this folder at the pinned versions with extras we have."""
    assert PIP[0] == "-c constraints.txt"
    (editable,) = [line for line in PIP if line.startswith("-e ")]
    found = re.fullmatch(r"-e \.\[([a-z,]+)\]", editable)
    assert found is not None
    assert {*found[1].split(",")} <= {*EXTRAS}
    assert len(PIP) == 2
