"""What is generated for .NET, which no test here can compile, against what Microsoft and NuGet document."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from support.template import CASES

from scaffold.rendering.engine import Engine

DOTNET = sorted(path.name for path in CASES.iterdir() if path.name.startswith("dotnet"))

# https://learn.microsoft.com/dotnet/core/project-sdk/msbuild-props, /dotnet/core/deploying/native-aot and
# /nuget/reference/msbuild-targets; AWSProjectType is that of AWS's templates.
PROPERTIES = {
    "AWSProjectType": {"Lambda"},
    "DefaultItemExcludes": {"$(DefaultItemExcludes);tests/**"},
    "GenerateRuntimeConfigurationFiles": {"true"},
    "ImplicitUsings": {"enable"},
    "InvariantGlobalization": {"true"},
    "IsPackable": {"false"},
    "Nullable": {"enable"},
    "OutputType": {"Exe", "Library"},
    "PublishAot": {"true"},
    "PublishReadyToRun": {"true"},
    "RestorePackagesWithLockFile": {"true"},
    "RootNamespace": {"Example"},
    "RuntimeIdentifiers": {"linux-x64;linux-arm64", "linux-musl-x64;linux-musl-arm64"},
    "SatelliteResourceLanguages": {"en"},
    "StaticExecutable": {"true"},
    "StaticOpenSslLinking": {"true"},
    "StripSymbols": {"true"},
    "TargetFramework": {"net8.0", "net10.0"},
    "UseAppHost": {"false"},
}
# https://learn.microsoft.com/dotnet/core/tools/dotnet-restore, dotnet-publish and dotnet-test: each option, and whether
# a value follows.
OPTIONS = {
    "restore": {"--force-evaluate": False},
    "publish": {
        "--configuration": True,
        "--no-self-contained": False,
        "--output": True,
        "--runtime": True,
    },
    "test": {"--configuration": True},
}
ON_COMMAND_LINES = {
    "ContinuousIntegrationBuild=true",
    "IncludeSourceRevisionInInformationalVersion=false",
    "RestoreLockedMode=true",
    "RestorePackagesWithLockFile=true",
}
TARGETS = {"linux-x64", "linux-arm64", "linux-musl-x64", "linux-musl-arm64"}


def projects(case: str) -> list[Path]:
    return sorted((CASES / case / "expected").rglob("*.[cf]sproj"))


@pytest.mark.parametrize("case", DOTNET)
def test_project_files_say_what_is_documented(case: str) -> None:
    found = projects(case)
    assert len(found) == 2, "the function's, and that of its tests"
    for path in found:
        root = ET.fromstring(path.read_text(encoding="utf-8"))
        assert (root.tag, root.attrib) == ("Project", {"Sdk": "Microsoft.NET.Sdk"})
        values = {row.tag: row.text or "" for group in root.findall("PropertyGroup") for row in group}
        assert {(name, text) for name, text in values.items() if text not in PROPERTIES.get(name, set())} == set()
        named = [row for group in root.findall("ItemGroup") for row in group]
        assert {row.tag for row in named} <= {"Compile", "Content", "PackageReference", "ProjectReference"}
        packages = [row for row in named if row.tag == "PackageReference"]
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", row.attrib["Version"]) for row in packages)
        for row in named:
            if row.tag in {"Compile", "ProjectReference"}:
                assert (path.parent / row.attrib["Include"]).is_file(), row.attrib


@pytest.mark.parametrize("case", DOTNET)
def test_options_of_dotnet_are_documented(case: str) -> None:
    """And restoring, publishing and the lock are for one and the same platform."""
    used = set()
    for name in ("Dockerfile", "scripts/lock.Dockerfile"):
        text = (CASES / case / "expected" / name).read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"\bdotnet (?:restore|publish|test) [^|;>&\n]*", text):
            _, verb, project, *words = shlex.split(line.replace("${UPGRADE:+--force-evaluate}", "--force-evaluate"))
            assert project.startswith(("/source/", "/build/project/"))
            used.add(verb)
            while words:
                word = words.pop(0)
                if word.startswith("-p:"):
                    assert word[3:] in ON_COMMAND_LINES
                    continue
                value = words.pop(0) if OPTIONS[verb][word] else ""
                if word == "--runtime":
                    [file] = [path for path in projects(case) if path.name in project]
                    assert value in TARGETS
                    assert value in file.read_text(encoding="utf-8")
    assert used == set(OPTIONS)


def test_a_lock_is_that_of_the_project() -> None:
    """Of one without packages: NuGet writes a group for the framework, and one for it on each platform."""
    lock = json.loads((CASES / "dotnet/expected/packages.lock.json").read_text(encoding="utf-8"))
    assert lock["version"] == 1
    assert lock["dependencies"] == {"net10.0": {}, "net10.0/linux-arm64": {}, "net10.0/linux-x64": {}}


def test_a_first_project_with_packages_has_no_lock() -> None:
    """It would have a checksum of each, which no one but NuGet knows."""
    for case in ("dotnet-fsharp", "dotnet-native"):
        assert not (CASES / case / "expected/packages.lock.json").exists()


ON_DEBIAN = {"base": "debian-trixie", "build": {"base": "dotnet10-sdk-ubuntu"}}


@pytest.mark.parametrize(("case", "static"), [({}, True), (ON_DEBIAN, False)])
def test_a_native_program_fits_the_base(case: dict[str, object], static: bool, engine: Engine) -> None:
    spec = yaml.safe_load((CASES / "dotnet-native/lambda-image.yaml").read_text(encoding="utf-8")) | case
    assert engine.problems(spec) == []
    files = {file.path: file.content.decode() for file in engine.render(spec, engine.plan(spec), {})}
    assert ("<StaticExecutable>true" in files["Function.csproj"]) is static
    assert ("linux-musl-x64" in files["Dockerfile"]) is static
    refused = engine.problems(spec | {"base": "provided.al2023", "build": {"base": "dotnet10-sdk-ubuntu"}})
    assert [problem.code for problem in refused] == ["newer-c-library"]
