"""`.NET` in real builds, wherever DOTNET_SDK names the folder of an SDK of .NET 10 and a source of NuGet answers.

The stand-ins are made of that folder. NUGET_SOURCE names the index of another source than NuGet's own. In the place of
Lambda's runtime client for class libraries, which is a package, runs one of the tests' own, `bases/dotnet/client`.
"""

import os
import ssl
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import daemon
import projects
import pytest
from support.template import CASES

from scaffold.rendering.engine import Engine

SDK = os.environ.get("DOTNET_SDK", "")
SOURCE = os.environ.get("NUGET_SOURCE", "https://api.nuget.org/v3/index.json")
FOUND = bool(SDK) and any(Path(SDK).glob("sdk/10.*"))

pytestmark = [pytest.mark.images, pytest.mark.skipif(not FOUND, reason="no .NET SDK here (DOTNET_SDK names none)")]

SETTINGS = f"""\
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <packageSources>
    <clear />
    <add key="source" value="{SOURCE}" />
  </packageSources>
</configuration>
"""


@pytest.fixture(scope="session")
def nuget() -> None:
    """A source of packages: that of the compilers, and of what runs the unit tests."""
    trusted = ssl.create_default_context(cafile=str(projects.CA_BUNDLE) if projects.CA_BUNDLE.exists() else None)
    try:
        urllib.request.urlopen(SOURCE, timeout=20, context=trusted).close()
    except OSError as error:
        pytest.skip(f"no source of NuGet answers: {SOURCE}: {error}")


def make(engine: Engine, root: Path, case: str, **changes: Any) -> projects.Project:
    """The project of a case, which asks that source alone."""
    spec = projects.spec_of(case) | {"name": f"{case}-{os.getpid()}"} | changes
    spec = {key: value for key, value in spec.items() if value is not None}
    assert engine.problems(spec) == []
    project = projects.make(engine, root, spec, CASES / case / "project")
    (project.root / "nuget.config").write_text(SETTINGS, encoding="utf-8")
    return project


@pytest.mark.usefixtures("nuget")
def test_a_program_is_built_tested_and_invoked(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    """As it is first made; with other times and modes, and without a cache, its layers are the same."""
    layers = []
    for turn in (1, 2):
        project = make(engine, tmp_path / str(turn) / "project", "dotnet")
        projects.shake(project.root, turn)
        layers.append(project.build("--no-cache", *bases).config()["RootFS"]["Layers"])
    assert layers[0] == layers[1]
    done = project.script("test", *bases, check=False)
    assert "All tests passed: 2 unit tests, tests/invoke." in done.stderr
    before = (project.root / "packages.lock.json").read_text(encoding="utf-8")
    project.script("lock", "--quiet", *bases)
    assert (project.root / "packages.lock.json").read_text(encoding="utf-8").split() == before.split()
    listing = daemon.output(f"{project.name}:latest", "-c", "ls /var/task", entrypoint="/bin/sh").split()
    assert listing == ["Function.deps.json", "Function.dll", "Function.pdb", "Function.runtimeconfig.json"]


LIBRARY = """\
namespace Shop;

public class Search
{
    public Stream Handle(Stream input)
    {
        var name = (string?)System.Text.Json.Nodes.JsonNode.Parse(input)!["name"];
        return new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"{{\\"greeting\\": \\"Hello, {name}!\\"}}"));
    }
}
"""


@pytest.mark.usefixtures("nuget")
def test_a_method_of_a_class_library_is_invoked(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = make(engine, tmp_path / "project", "dotnet", event="none", handler="Function::Shop.Search::Handle")
    manifest = project.root / "Function.csproj"
    without = "\n".join(line for line in manifest.read_text().splitlines() if "PackageReference" not in line)
    manifest.write_text(without, encoding="utf-8")
    (project.root / "src/Search.cs").write_text(LIBRARY, encoding="utf-8")
    done = project.script("build", "--progress=plain", *bases, check=False)
    assert done.returncode
    assert '"/packages.lock.json": not found' in done.stderr
    project.script("lock", "--quiet", *bases)
    with project.build(*bases).running() as function:
        assert "Hello, Ada!" in function.script("invoke").stdout


@pytest.mark.usefixtures("nuget")
@pytest.mark.parametrize(
    ("case", "changes"),
    [
        ("dotnet", {"language": "fsharp", "handler": "Function"}),
        ("dotnet-debian", {}),
        ("dotnet-native", {"base": "debian-trixie", "build": {"base": "dotnet10-sdk-ubuntu"}}),
    ],
    ids=["F#", "Microsoft's image", "compiled ahead of time"],
)
def test_other_programs_are_locked_built_tested_and_invoked(
    case: str, changes: dict[str, Any], engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    project = make(engine, tmp_path / "project", case, **changes)
    project.script("lock", "--quiet", *bases)
    project.build(*bases)
    done = project.script("test", *bases, check=False)
    assert "All tests passed: " in done.stderr, done.stderr
    assert " unit test" in done.stderr


@pytest.mark.usefixtures("nuget")
def test_a_lock_that_does_not_fit_is_refused(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = make(engine, tmp_path / "project", "dotnet")
    manifest = project.root / "Function.csproj"
    package = '<ItemGroup><PackageReference Include="xunit.assert" Version="2.9.3" /></ItemGroup>\n\n</Project>'
    manifest.write_text(manifest.read_text().replace("</Project>", package), encoding="utf-8")
    done = project.script("build", "--progress=plain", *bases, check=False)
    assert done.returncode
    assert "NU1004" in done.stderr
    project.script("lock", "--quiet", *bases)
    names = project.build(*bases).config()["RootFS"]["Layers"]
    assert names
    listing = daemon.output(f"{project.name}:latest", "-c", "ls /var/task", entrypoint="/bin/sh").split()
    assert "xunit.assert.dll" in listing
