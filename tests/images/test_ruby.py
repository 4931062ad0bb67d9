"""Ruby in real builds: locks, gems with native code, private sources, and what reaches the image.

RubyGems cannot be reached where the tests run. So the gems are made here, and served or vendored; Ruby and Bundler are
Debian 13's; and in the place of Lambda's runtime client, which is a gem, runs a small one of the tests' own,
`bases/ruby/client`. With `--bases=aws` the bases and their client are the real ones, but not the client that is added.
"""

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import daemon
import package_index
import projects
import pytest
from machine import HERE, buildx
from support.template import CASES
from traces import assert_absent

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

SPECIFICATION = """\
Gem::Specification.new do |spec|
  spec.name = "{name}"
  spec.version = "{version}"
  spec.summary = "A gem of the tests"
  spec.author = "tests"
  spec.files = Dir["{{lib,ext}}/**/*"]
  spec.extensions = Dir["ext/**/extconf.rb"]
end
"""
SUM = """\
#include <ruby.h>

static VALUE sum(VALUE self, VALUE one, VALUE other) { return INT2NUM(NUM2INT(one) + NUM2INT(other)); }

void Init_adder(void) { rb_define_global_function("adder_sum", sum, 2); }
"""
GEMS = {
    "adder-1.0.0": {"ext/adder/extconf.rb": 'require "mkmf"\ncreate_makefile("adder")\n', "ext/adder/adder.c": SUM},
    "greeting-1.0.0": {"lib/greeting.rb": 'GREETING = "Hello"\n'},
    "greeting-1.1.0": {"lib/greeting.rb": 'GREETING = "Hello"\n'},
    "sinatra_like-1.0.0": {"lib/sinatra_like.rb": "WEB = true\n"},
    "expectations-1.0.0": {"lib/expectations.rb": "EXPECTED = 3\n"},
}
RECIPE = """\
FROM public.ecr.aws/docker/library/ruby:3.3-slim-trixie AS made
COPY . /gems
RUN mkdir /made && cd /gems && for gem in *; do \
    (cd "$gem" && gem build --silent --output "/made/$gem.gem" gem.gemspec) || exit; done
FROM scratch
COPY --from=made /made /
"""


@pytest.fixture(scope="session")
def gems(bases: Sequence[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the gems, as archives."""
    sources, made = tmp_path_factory.mktemp("gem-sources"), tmp_path_factory.mktemp("gems")
    recipe = made / "Dockerfile"
    recipe.write_text(RECIPE, encoding="utf-8")
    for gem, files in GEMS.items():
        name, _, version = gem.rpartition("-")
        write(sources / gem, files | {"gem.gemspec": SPECIFICATION.format(name=name, version=version)})
    buildx("build", f"--file={recipe}", f"--output=type=local,dest={made / 'gems'}", *bases, sources)
    return made / "gems"


@pytest.fixture
def index(docker_engine: Path, gems: Path, tmp_path: Path) -> Iterator[package_index.Index]:
    shutil.copytree(gems, tmp_path / "index/gems")
    package_index.gem_index(tmp_path / "index")
    with package_index.serve(tmp_path / "index", tmp_path / "tls") as served:
        yield served


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def client(root: Path) -> str:
    """The word for a build whose stage `client` is the tests' own instead of a step that asks RubyGems."""
    shutil.copytree(HERE / "bases/ruby/client", root / "build/client/runtime", dirs_exist_ok=True)
    (root / "build/client/task").mkdir(exist_ok=True)
    return f"--build-context=client={root}"


def listing(project: projects.Project) -> set[str]:
    """Every path below the function's directory."""
    words = "require 'find'; puts Find.find('/var/task').to_a"
    return set(daemon.output(f"{project.name}:latest", "-e", words, entrypoint="ruby").split())


GEMFILE = """\
source "{url}"

gem "greeting", "~> 1.0.0"
gem "adder"
gem "shapes", path: "gems/shapes"
gem "sinatra_like", group: :web
gem "expectations", group: :test
"""
HANDLER = """\
require "adder"
require "greeting"
require "shapes"

module Search
  class Handler
    def self.process(event:, context:)
      raise ArgumentError, "there is nobody" unless event["name"]

      { greeting: "#{GREETING}, #{event["name"]}!", sum: adder_sum(SIDES, 1) }
    end
  end
end
"""
UNIT = """\
require "expectations"
require "test/unit"
require_relative "../src/search/app"

class SearchTest < Test::Unit::TestCase
  def test_sum
    assert_equal EXPECTED, adder_sum(1, 2)
  end
end
"""
FILES = {
    "src/search/app.rb": HANDLER,
    "tests/test_search.rb": UNIT,
    "gems/shapes/shapes.gemspec": SPECIFICATION.format(name="shapes", version="0.1.0"),
    "gems/shapes/lib/shapes.rb": "SIDES = 4\n",
}


def test_gems_of_every_sort_reach_the_image(
    engine: Engine, bases: Sequence[str], index: package_index.Index, tmp_path: Path
) -> None:
    """On Debian: of a private source, of a group, with native code, beside the Gemfile, and for the tests alone."""
    variable = "BUNDLE_" + index.host.replace(".", "__")
    secret = {"id": "gems", "env": variable, "for": ["dependencies"]}
    spec = projects.spec_of("ruby-debian") | {
        "runtime": "ruby3.3",
        "base": "ruby3.3-debian",
        "build": {"secrets": [secret]},
    }
    spec |= {"name": f"gems-{os.getpid()}"}
    assert engine.problems(spec) == []
    trusted = projects.CA_BUNDLE.read_text(encoding="utf-8") if projects.CA_BUNDLE.exists() else ""
    (tmp_path / "bundle.pem").write_text(trusted + index.authority.read_text(), encoding="utf-8")
    password = f"{package_index.USER}:{package_index.PASSWORD}"
    variables = {"CA_BUNDLE": str(tmp_path / "bundle.pem"), variable: password}
    words = [*bases, client(tmp_path / "client")]
    layers = []
    for turn in (1, 2):
        root = tmp_path / f"{turn}"
        # A build argument that no build has seen: what uses it is not cached, unlike the compilers.
        turned = spec["build"] | {"args": {"TURN": f"{turn}.{time.time_ns()}"}}
        project = projects.make(engine, root, spec | {"build": turned}, CASES / "ruby-debian/project")
        write(project.root, FILES | {"Gemfile": GEMFILE.format(url=index.url)})
        if turn == 1:
            project.script("lock", "--progress=plain", *bases, **variables)
            lock = (project.root / "Gemfile.lock").read_text(encoding="utf-8")
        projects.shake(project.root, turn)
        # These differ by run, and a builder would keep those of another run with the same time and size.
        (project.root / "Gemfile.lock").write_text(lock, encoding="utf-8")
        (project.root / "Gemfile").write_text(GEMFILE.format(url=index.url), encoding="utf-8")
        project.script("build", "--progress=plain", *words, **variables)
        layers.append(project.config()["RootFS"]["Layers"])
    assert layers[0] == layers[1]
    assert re.search(r"^  greeting \(1\.0\.0\) sha256=[0-9a-f]{64}$", lock, re.MULTILINE)
    said = project.script("test", *words, **variables, check=False)
    assert "1 unit test of search, 1 import, 1 command, tests/invoke-search, 2 unit tests of intake" in said.stderr
    with project.running() as function:
        assert json.loads(function.script("invoke").stdout) == {"greeting": "Hello, Ada!", "sum": 5}
    found = listing(project)
    names = {Path(path).name for path in found}
    assert {"greeting-1.0.0", "adder-1.0.0", "adder.so", "sinatra_like-1.0.0", "shapes.rb"} <= names
    assert not {"expectations-1.0.0", "cache", "gem_make.out", "mkmf.log", "checks.rb", "gcc"} & names
    assert (
        daemon.output(f"{project.name}:latest", "-c", "command -v make gcc || echo none", entrypoint="sh") == "none\n"
    )
    archive = daemon.save(f"{project.name}:latest", tmp_path / "image.tar")
    assert_absent(archive, package_index.PASSWORD.encode())


LOCK = """\
GEM
  remote: https://rubygems.org/
  specs:
    greeting (1.0.0)

PLATFORMS
  aarch64-linux
  x86_64-linux

DEPENDENCIES
  greeting

CHECKSUMS
  greeting (1.0.0) sha256={checksum}

BUNDLED WITH
   2.5.1
"""


def test_vendored_gems_need_no_network(engine: Engine, bases: Sequence[str], gems: Path, tmp_path: Path) -> None:
    """On AWS's layout: in folders whose names, times and modes differ, without a cache, the layers are the same."""
    spec = projects.spec_of("ruby") | {"name": f"vendored-{os.getpid()}", "handler": "app.handler", "event": "none"}
    checksum = hashlib.sha256((gems / "greeting-1.0.0.gem").read_bytes()).hexdigest()
    files = {
        "Gemfile": 'source "https://rubygems.org"\n\ngem "greeting"\n',
        "Gemfile.lock": LOCK.format(checksum=checksum),
        "src/app.rb": 'require "greeting"\n\n'
        'def handler(event:, context:) = { greeting: "#{GREETING}, #{event["name"]}!" }\n',
        "tests/test_handler.rb": 'require "minitest/autorun"\nrequire "app"\n\n'
        "class HandlerTest < Minitest::Test\n  def test_it = assert_equal('Hello', GREETING)\nend\n",
    }
    layers = []
    for turn in (1, 2):
        project = projects.make(engine, tmp_path / f"{turn}" / "project", spec)
        write(project.root, files)
        (project.root / "vendor/cache").mkdir(parents=True)
        shutil.copy(gems / "greeting-1.0.0.gem", project.root / "vendor/cache")
        projects.shake(project.root, turn)
        project.script("build", "--progress=plain", "--network=none", "--no-cache", *bases)
        layers.append(project.config()["RootFS"]["Layers"])
    assert layers[0] == layers[1]
    assert "All tests passed: 1 unit test, tests/invoke." in project.script("test", *bases, check=False).stderr
    assert "/var/task/vendor/cache" not in listing(project)
    refused: dict[str, Any] = {
        "Gemfile": (files["Gemfile"] + 'gem "adder"\n', "frozen mode|Gemfile"),
        "src/app.rb": ("def handler(event:\n", "ruby failed to compile this. In this project, /var/task is src."),
    }
    for path, (text, message) in refused.items():
        write(project.root, files | {path: text})
        done = project.script("build", "--progress=plain", "--network=none", *bases, check=False)
        assert done.returncode
        assert re.search(message, done.stderr), done.stderr
