"""The second gate, the build, and the third, the image, with a real builder, a real registry and real images."""

import difflib
import json
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import daemon
import gates
import projects
import pytest
import registry as registries
import second_engine
from gates import Place, codes
from machine import docker_client
from support.template import copy_template

from scaffold.cli import main
from scaffold.oci import archive, inspect, layer
from scaffold.oci.filesystem import flattened
from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images


@pytest.fixture(scope="module")
def place(bases: Sequence[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("catalogue")
    with registries.serve(folder) as host:
        there = Place(host, folder / "storage")
        gates.fill(there, folder / "tiny")
        yield there


@pytest.fixture(scope="module")
def pinned(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template whose standards are those of the registry, pinned."""
    folder = tmp_path_factory.mktemp("pinned")
    template = copy_template(folder / "template", standards=place.standards(folder / "standards.yaml"))
    assert main.main(["standards", "pin", "--standards", str(template / "standards/standards.yaml")]) == 0
    return template


@pytest.fixture
def engine(pinned: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine on that template, which is the package's own too."""
    monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: pinned)
    return Engine(pinned)


@pytest.fixture
def scaffold(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command; its exit code and what it printed to standard output and to standard error."""

    def command(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main.main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


Scaffold = Callable[..., tuple[int, str, str]]


def standards_of(engine: Engine) -> dict[str, Any]:
    import yaml

    value: dict[str, Any] = yaml.safe_load((engine.root / "standards/standards.yaml").read_bytes())
    return value


# Pins


def test_pins_are_what_the_registry_has(engine: Engine, place: Place) -> None:
    bases = standards_of(engine)["bases"]
    for name, tag in (("python3.13", "3.13"), ("python3.11", "3.11")):
        manifest = registries.manifest(place.host, "lambda/python", tag)
        assert bases[name]["digests"] == {"x86_64": manifest.digest}
        local = daemon.client().images.get(f"scaffold.invalid/lambda-python:{tag}").attrs
        assert bases[name]["diff_ids"] == {"x86_64": local["RootFS"]["Layers"]}
    index = registries.manifest(place.host, "tiny", "1")
    assert bases["tiny"]["index"] == index.digest, "as update bots write it"
    wanted = {row["platform"]["architecture"]: row["digest"] for row in index.content["manifests"]}
    assert bases["tiny"]["digests"] == {"x86_64": wanted["amd64"], "arm64": wanted["arm64"]}
    assert bases["tiny"]["diff_ids"].keys() == {"x86_64", "arm64"}


def test_nothing_else_of_the_file_changes(engine: Engine, place: Place, tmp_path: Path) -> None:
    before = place.standards(tmp_path / "before.yaml").read_text(encoding="utf-8")
    after = (engine.root / "standards/standards.yaml").read_text(encoding="utf-8")
    steps = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    assert {kind for kind, *_ in steps} == {"equal", "insert"}


def test_pinning_again_changes_nothing(engine: Engine, scaffold: Scaffold) -> None:
    path = engine.root / "standards/standards.yaml"
    before = path.stat()
    code, out, _ = scaffold("standards", "pin", "--standards", path)
    assert (code, out) == (0, "The standards match the registries.\n")
    assert path.stat() == before


def test_a_moved_tag_is_shown_and_written(
    engine: Engine, place: Place, scaffold: Scaffold, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, base in (("moved", "tiny"), ("other", "python3.13")):
        (tmp_path / name).mkdir()
        spec = projects.spec_of("minimal") | {"name": name, "base": base}
        (tmp_path / name / "lambda-image.yaml").write_text(json.dumps(spec))
    (tmp_path / "extended").mkdir()
    spec = projects.spec_of("minimal") | {"name": "extended", "extensions": ["tool"]}
    (tmp_path / "extended/lambda-image.yaml").write_text(json.dumps(spec))
    template = shutil.copytree(engine.root, tmp_path / "template")
    monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: template)
    path = template / "standards/standards.yaml"
    path.chmod(0o640)
    old = standards_of(engine)["bases"]["tiny"]["digests"]
    with path.open("a", encoding="utf-8") as file:
        file.write(f"extensions: {{tool: {{image: {place.host}/tiny, tag: '1', digests: {json.dumps(old)}}}}}\n")
    place.push_tiny("tiny:1", "moved", tmp_path / "tiny")
    try:
        names = [tmp_path / name for name in ("moved", "other", "extended")]
        words = ("standards", "pin", "tiny", "tool", "--projects", *names)
        before = path.read_bytes()
        code, out, _ = scaffold(*words, "--check")
        assert code == 1
        assert path.read_bytes() == before
        code, written, _ = scaffold(*words)
        assert code == 0
        assert written == out.replace("would change", "changed")
        new = standards_of(Engine(template))["bases"]["tiny"]["digests"]
        assert new.keys() == old.keys()
        for architecture in old:
            assert f"tiny {architecture}: {old[architecture]} → {new[architecture]}\n" in out
        reference = f"{place.host}/tiny:1@"
        for name in ("moved", "extended"):
            assert f"{tmp_path}/{name}: {reference}{old['x86_64']} → {reference}{new['x86_64']}\n" in out
        assert f"{tmp_path}/other" not in out
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        told = standards_of(Engine(template))["bases"]["tiny"]
        assert told["diff_ids"].keys() == old.keys()
        assert told["superseded"].keys() == {*old, "index"}
        changed = {line.strip() for line in set(path.read_bytes().splitlines()) - set(before.splitlines())}
        keys = (b"arm64:", b"x86_64:", b"sha256:", b"- sha256:", b"superseded:", b"index:", b"extensions: {tool:")
        assert [line for line in changed if not line.startswith(keys)] == []
        assert [name for name in path.parent.iterdir() if name != path] == []
    finally:
        place.push_tiny("tiny:1", "tiny", tmp_path / "tiny")


def test_the_shipped_standards_are_pinned_through_a_mirror(place: Place, scaffold: Scaffold, tmp_path: Path) -> None:
    shipped = Path(main.__file__).parents[2] / "standards/standards.yaml"
    path = tmp_path / "standards.yaml"
    path.write_text(f"mirrors: {{public.ecr.aws: {place.host}}}\n{shipped.read_text(encoding='utf-8')}", "utf-8")
    code, out, _ = scaffold("standards", "pin", "--standards", path, "--format", "json")
    assert code == 3, "the registry has not all of them"
    told = {finding["code"]: finding["message"] for finding in json.loads(out)["findings"]}
    assert set(told) == {"undecided"}
    assert f"{place.host}/" in told["undecided"]
    moved = {row["name"] for row in json.loads(out)["moves"]}
    assert moved == {"python3.11", "python3.13", "python3.13-debian"}
    code, out, _ = scaffold("standards", "policy", "--standards", path)
    names = [rule["selector"]["identifier"] for rule in json.loads(out)["rules"]]
    for registry in ("public.ecr.aws", place.host):
        assert sum(name.startswith(f"docker-image://{registry}/") for name in names) == 6


def test_a_base_with_onbuild_is_refused(place: Place, scaffold: Scaffold, tmp_path: Path) -> None:
    place.push_tiny("tiny:onbuild", "tiny", tmp_path / "tiny", "ONBUILD COPY . /")
    path = place.standards(tmp_path / "standards.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace('tag: "1"', "tag: onbuild"), encoding="utf-8")
    before = path.read_bytes()
    code, _, err = scaffold("standards", "pin", "--standards", path, "tiny")
    assert code == 1
    assert "11:3: onbuild bases.tiny: the image has ONBUILD, which runs in every build based on it: COPY . /" in err
    assert path.read_bytes() == before


def test_without_a_registry_or_a_login_nothing_is_decided(
    closed_registry: str, place: Place, scaffold: Scaffold, tmp_path: Path
) -> None:
    path = place.standards(tmp_path / "standards.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace(f"{place.host}/tiny", f"{closed_registry}/tiny"))
    code, _, err = scaffold("standards", "pin", "--standards", path, "tiny")
    assert code == 3
    assert "undecided" in err
    assert codes(scaffold("image", "check", "--format=json", f"127.0.0.1:{registries.free_port()}/x:1")[1]) == [
        "undecided"
    ]


DIGEST = f"sha256:{'0' * 64}"
HOSTILE = {
    "nothing": b"",
    "no mapping": b"[]",
    "nested": b"[" * 100_000,
    "an old manifest": json.dumps({"schemaVersion": 1, "fsLayers": []}).encode(),
    "no digest": json.dumps({"config": {"digest": "--help"}, "layers": []}).encode(),
    "an empty index": json.dumps({"manifests": []}).encode(),
    "many platforms": json.dumps({"manifests": [{"digest": DIGEST}] * 1000}).encode(),
    "an index of itself": json.dumps({"manifests": [{"digest": DIGEST}]}).encode(),
    "another type": json.dumps({"manifests": 1}).encode(),
    "two cases": json.dumps({"config": {"digest": DIGEST}, "layers": [], "Layers": []}).encode(),
    "twice": f'{{"config": {{"digest": "{DIGEST}"}}, "layers": [], "layers": []}}'.encode(),
    "bytes": bytes(range(256)),
    "escape sequences": b'{"manifests": [{"digest": "\\u001b[31m"}]}',
}


GOOD = {"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": [DIGEST]}, "config": {}}
CONFIGURATIONS: dict[str, Any] = {
    "no mapping": [],
    "no layers": GOOD | {"rootfs": None},
    "other layers": GOOD | {"rootfs": {"diff_ids": []}},
    "no digests": GOOD | {"rootfs": {"diff_ids": ["sha256:x"]}},
    "numbers": GOOD | {"rootfs": {"diff_ids": [1]}},
    "labels": GOOD | {"config": {"Labels": ["a"]}},
    "variables": GOOD | {"config": {"Env": 1}},
    # An engine, written in Go, takes these for the keys that they are like.
    "layers in another case": GOOD | {"rootFS": {"diff_ids": [DIGEST]}},
    "steps in another case": GOOD | {"config": {"onbuild": ["RUN evil"]}},
}


class Answers(BaseHTTPRequestHandler):
    """A registry that has what it was given, by digest, and the first of it for everything else it is asked for."""

    bodies: dict[str, bytes]

    def do_GET(self) -> None:
        asked = self.path.rpartition("/")[2]
        digest = asked if asked.startswith("sha256:") else next(iter(self.bodies))
        body = self.bodies.get(digest, next(iter(self.bodies.values())))
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
        self.send_header("Docker-Content-Digest", digest)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the name that the library calls

    def log_message(self, *words: object) -> None:
        pass


@contextmanager
def registry_with(*bodies: bytes) -> Iterator[str]:
    by_digest = {f"sha256:{sha256(body).hexdigest()}": body for body in bodies}
    handler = type("Handler", (Answers,), {"bodies": by_digest})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}/fn:1"
        server.shutdown()


def image_with(configuration: Any, size: str = "1") -> tuple[bytes, bytes]:
    body = json.dumps(configuration).encode()
    digest = f"sha256:{sha256(body).hexdigest()}"
    layer = f'{{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "size": {size}, "digest": "{DIGEST}"}}'
    return f'{{"config": {{"digest": "{digest}"}}, "layers": [{layer}]}}'.encode(), body


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_registry_answers_nothing_is_decided(name: str, docker_engine: Path, scaffold: Scaffold) -> None:
    with registry_with(HOSTILE[name]) as image:
        code, out, _ = scaffold("image", "check", image, "--format=json")
    assert (code, codes(out)) == (3, ["undecided"])


def test_whatever_a_configuration_says_nothing_is_decided(
    engine: Engine, docker_engine: Path, scaffold: Scaffold
) -> None:
    for name, configuration in CONFIGURATIONS.items():
        with registry_with(*image_with(configuration)) as image:
            assert codes(scaffold("image", "check", image, "--format=json")[1]) == ["undecided"], name
    with registry_with(*image_with(GOOD, size="1e999")) as image:
        assert codes(scaffold("image", "check", image, "--format=json")[1]) == ["undecided"]
    nasty = GOOD | {"created": "\x1b[31m\u202e", "config": {"OnBuild": ["\x1b[31m"]}}
    with registry_with(*image_with(nasty)) as image:
        code, out, _ = scaffold("image", "check", image)
        assert code == 1
        assert "uncatalogued-base" in out
        assert "\x1b" not in out
        assert "\u202e" not in out


# The image


@pytest.fixture
def project(engine: Engine, tmp_path: Path) -> Iterator[projects.Project]:
    """A project on the default base, built."""
    spec = projects.spec_of("minimal") | {"name": f"gate-{os.getpid()}", "environment": {"LEVEL": "INFO"}}
    made = projects.make(engine, tmp_path / "project", spec).build()
    yield made
    daemon.remove(f"{made.name}:latest", force=True)


def test_a_built_project_is_proved_by_engine_and_by_registry(
    project: projects.Project, place: Place, scaffold: Scaffold
) -> None:
    code, out, _ = scaffold("image", "check", "--project", project.root)
    assert (code, out.splitlines()[-1]) == (0, "No problems found.")
    place.push(f"{project.name}:latest", "fn:1")
    assert place.forget_layers("fn:1") > 5
    image = f"{place.host}/fn:1"
    code, out, _ = scaffold("image", "check", image, "--project", project.root, "--format=json")
    assert (code, codes(out)) == (0, [])
    [row] = json.loads(out)["images"]
    assert (row["bases"], row["platform"], row["tier"]) == (["python3.13"], "linux/amd64", "recommended")
    assert row["digest"] == registries.manifest(place.host, "fn", "1").digest
    assert codes(scaffold("image", "check", "--format=json", f"{image}@{row['digest']}")[1]) == []


def test_an_engine_that_keeps_images_as_registries_do_is_read_too(
    project: projects.Project,
    snapshotter_engine: second_engine.Engine,
    scaffold: Scaffold,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshotter_engine.take(f"{project.name}:latest")
    monkeypatch.setenv("DOCKER_HOST", snapshotter_engine.host)
    code, out, _ = scaffold("image", "check", "--files", "--project", project.root, "--format=json")
    snapshotter_engine.client.images.remove(f"{project.name}:latest")
    assert (code, codes(out)) == (0, [])
    assert json.loads(out)["images"][0]["bases"] == ["python3.13"]


CHANGES = {
    "entry point": ('ENTRYPOINT ["/bin/sh"]', ["not-as-planned"] * 2),  # it takes the command away
    "command": ('CMD ["other.handler"]', ["missing-handler", "not-as-planned"]),
    "variable": ("ENV LEVEL=DEBUG", ["not-as-planned"]),
    "another variable": ("ENV PYTHONPATH=/tmp", ["not-as-planned"]),
    "user": ("USER 1000", ["not-as-planned"]),
    "folder": ("WORKDIR /tmp", ["not-as-planned"]),
    "label": ("LABEL org.opencontainers.image.title=other", ["not-as-planned"]),
    "onbuild": ("ONBUILD RUN true", ["onbuild"]),
    "another label": ("LABEL org.opencontainers.image.revision=1", []),
}


def test_what_differs_from_the_plan_is_told(project: projects.Project, scaffold: Scaffold, tmp_path: Path) -> None:
    for name, (line, expected) in CHANGES.items():
        tag = f"{project.name}:changed"
        done = gates.build(f"FROM {project.name}:latest\n{line}\n", tmp_path / "changed", "--load", f"--tag={tag}")
        assert done.returncode == 0, done.stderr
        code, out, _ = scaffold("image", "check", tag, "--project", project.root, "--format=json")
        daemon.remove(tag)
        assert codes(out) == expected, name
        assert code == bool(expected)
    with (project.root / "lambda-image.yaml").open("a") as spec:
        spec.write("image_budget: 2\n")
    found = codes(scaffold("image", "check", "--project", project.root, "--format=json")[1])
    assert found == ["outdated-image", "over-budget"]


FILES = {
    "beside": ("RUN mkdir /opt/tool && echo new > /opt/tool/bin && touch /var/runtime/bootstrap.py", ""),
    "replaced": ("RUN echo evil > /var/runtime/bootstrap.py", "/var/runtime/bootstrap.py (1 in total)"),
    "mode": ("RUN chmod 4755 /usr/local/bin/aws-lambda-rie", "/usr/local/bin/aws-lambda-rie (1 in total)"),
    "removed": ("RUN rm /lambda-entrypoint.sh /var/runtime/bootstrap.py", "/lambda-entrypoint.sh, /var/runtime/"),
    "folder": ("RUN mv /var/runtime /old && ln -s /opt /var/runtime", "/var/runtime/"),
}


def test_files_of_the_base_that_an_image_changes_are_told(
    project: projects.Project, place: Place, scaffold: Scaffold, tmp_path: Path
) -> None:
    tag, image = f"{project.name}:files", f"{place.host}/files:1"
    for name, (line, told) in FILES.items():
        done = gates.build(f"FROM {project.name}:latest\n{line}\n", tmp_path / "changed", "--load", f"--tag={tag}")
        assert done.returncode == 0, done.stderr
        assert scaffold("image", "check", "--no-files", tag)[0] == 0
        code, out, _ = scaffold("image", "check", tag)
        assert (code, "altered-base" in out) == (bool(told), bool(told)), name
        assert told in out
    digest = place.push(tag, "files:1")
    daemon.remove(tag)
    code, out, _ = scaffold("image", "check", "--files", image, "--format=json")
    assert (code, codes(out)) == (1, ["altered-base", "missing-client"])  # the last change moved it away
    assert digest not in str(daemon.client().api.images()), "it was pulled for this alone"


TRICKY = """\
RUN mkdir -p /a/b/c /d && echo one >/a/b/c/f && ln /a/b/c/f /a/twin && ln -s b/c /a/link && ln -s /a /abs && mkfifo /d/p
RUN rm -r /a/b && mkdir -p /a/b/c && echo two >/a/b/c/g && echo three >/abs/link/h
RUN rm /abs && mkdir /abs && echo four >/abs/f && chmod 4700 /abs/f && chown 7:8 /abs/f && touch '/d/ä b'
RUN rm -r /d && ln -s /abs /d && rm /lambda-entrypoint.sh
COPY content /abs/
"""
INJECTED = ("/.dockerenv", "/dev/", "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf", "/proc/", "/sys/")


def test_layers_come_to_what_an_engine_makes_of_them(
    project: projects.Project, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    tag = f"{project.name}:tricky"
    (tmp_path / "tricky").mkdir()
    (tmp_path / "tricky/content").write_text("five")
    done = gates.build(f"FROM {project.name}:latest\n{TRICKY}", tmp_path / "tricky", "--load", f"--tag={tag}")
    assert done.returncode == 0, done.stderr
    request.addfinalizer(lambda: daemon.remove(tag))
    [facts] = inspect.read(tag, where=inspect.LOCAL)
    with daemon.save(tag, tmp_path / "saved.tar").open("rb") as saved:
        found = flattened(archive.read_image(saved, facts.diff_ids).layers)
    with daemon.container(tag) as container, tempfile.TemporaryFile() as exported:
        exported.writelines(container.export())
        exported.seek(0)
        whole = layer.read_layer(exported)
        assert whole
        wanted = flattened([whole[1]])
    found, wanted = (
        {path: entry for path, entry in files.items() if not path.startswith(INJECTED)} for files in (found, wanted)
    )
    assert len(found) > 1000
    assert found == wanted


BASE = {key: text for key, text in projects.spec_of("minimal").items() if key != "handler"} | {
    "kind": "base",
    "certificates": ["certificates/acme-root.pem"],
}
REWRITTEN: dict[str, dict[str, Any]] = {
    "packages": projects.spec_of("minimal") | {"system_packages": ["jq", "libgomp"]},
    "certificates": BASE,
    "certificates-debian": BASE | {"base": "python3.13-debian"},
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_what_a_system_writes_anew_is_no_change_of_the_base(
    name: str, engine: Engine, scaffold: Scaffold, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    spec = REWRITTEN[name] | {"name": f"{name}-{os.getpid()}"}
    request.addfinalizer(lambda: daemon.remove(f"{spec['name']}:latest", force=True))
    overlay = Path(__file__).parents[1] / "template/cases/base/project"
    project = projects.make(engine, tmp_path / "project", spec, overlay).build()
    code, out, _ = scaffold("image", "check", "--files", "--project", project.root)
    assert code == 0, out
    code, out, _ = scaffold("image", "check", "--files", f"{spec['name']}:latest")
    assert code == ("certificates" in name), "without its spec nobody knows that they are meant to be there"


def test_another_base_a_flat_image_and_a_spoofed_label_are_no_proof(
    project: projects.Project, place: Place, scaffold: Scaffold, tmp_path: Path
) -> None:
    label = f'LABEL org.opencontainers.image.base.name="{place.host}/lambda/python:3.13"'
    names = [f"{project.name}:{kind}" for kind in ("debian", "evil", "flat")]
    for name, base in zip(names, (f"{place.host}/docker/library/python:3.13-slim-trixie", "scratch"), strict=False):
        done = gates.build(f"FROM {base}\nCOPY . /\n{label}\n", tmp_path / "evil", "--load", f"--tag={name}")
        assert done.returncode == 0, done.stderr
    with daemon.container(f"{project.name}:latest") as container:
        daemon.client().api.import_image_from_data(container.export(), *names[2].split(":"))
    try:
        code, out, _ = scaffold("image", "check", *names, "no-such-image", "--format=json")
        assert code == 3, "one of them is not there"
        found = {row["file"]: row["code"] for row in json.loads(out)["findings"]}
        assert found == {
            names[1]: "uncatalogued-base",
            names[2]: "uncatalogued-base",
            "no-such-image": "undecided",
        }
        assert [row["bases"] for row in json.loads(out)["images"]] == [["python3.13-debian"], [], []]
        code, out, _ = scaffold("image", "check", names[0], "--project", project.root, "--format=json")
        assert code == 1, "that it inherits other things is no question of its own"
        assert "other-base" in codes(out)
        assert "undecided" not in codes(out)
    finally:
        daemon.remove(*names)


def test_an_index_and_another_architecture_are_told(
    engine: Engine, place: Place, project: projects.Project, scaffold: Scaffold, tmp_path: Path
) -> None:
    code, out, _ = scaffold("image", "check", f"{place.host}/tiny:1", "--format=json")
    assert code == 1
    assert codes(out) == ["several-manifests"]
    assert [row["bases"] for row in json.loads(out)["images"]] == [["tiny"], ["tiny"]]
    image = f"{place.host}/tiny:1-arm64"
    assert scaffold("image", "check", image)[0] == 0
    code, out, _ = scaffold("image", "check", image, "--project", project.root, "--format=json")
    assert {"wrong-platform", "unproved-base"} <= set(codes(out))  # the base is not pinned for the other architecture


def test_attestations_and_packed_layers_that_lambda_refuses(engine: Engine, place: Place, scaffold: Scaffold) -> None:
    manifest = registries.manifest(place.host, "tiny", "1-amd64").content
    manifest["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar+zstd"
    registries.put_manifest(place.host, "tiny", "zstd", manifest)
    assert codes(scaffold("image", "check", f"{place.host}/tiny:zstd", "--format=json")[1]) == ["media-type"]
    index = registries.manifest(place.host, "tiny", "1").content
    index["manifests"][1] |= {
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
        "platform": {"os": "unknown", "architecture": "unknown"},
    }
    registries.put_manifest(place.host, "tiny", "attested", index)
    code, out, _ = scaffold("image", "check", f"{place.host}/tiny:attested")
    assert code == 1
    assert "--provenance=false --sbom=false" in out
    assert out.count("built on tiny") == 1


def test_a_base_without_layers_decides_nothing(
    engine: Engine, place: Place, project: projects.Project, scaffold: Scaffold, tmp_path: Path
) -> None:
    path = place.standards(tmp_path / "standards.yaml")
    code, out, _ = scaffold("image", "check", f"{project.name}:latest", "--standards", path)
    assert code == 3
    assert "cannot be determined" in out
    assert "scaffold standards pin" in out


def test_many_images_from_a_file(place: Place, engine: Engine, scaffold: Scaffold, tmp_path: Path) -> None:
    listed = tmp_path / "images"
    rows = [f"{place.host}/lambda/python:3.13", "", "# retired", f"{place.host}/tiny:1-amd64", "--help", "a\tb"]
    listed.write_text("\n".join(rows), encoding="utf-8")
    code, out, _ = scaffold("image", "check", "--file", listed)
    assert code == 2
    assert "3.13 (linux/amd64) built on python3.13 (" in out
    assert "--help: unreadable" in out
    assert "a\\tb: unreadable" in out
    assert scaffold("image", "check")[0] == 2


# The build


@pytest.fixture
def policy(engine: Engine, scaffold: Scaffold, tmp_path: Path) -> Path:
    code, out, _ = scaffold("standards", "policy")
    assert code == 0
    path = tmp_path / "policy.json"
    path.write_text(out, encoding="utf-8")
    return path


def good(engine: Engine) -> str:
    row = standards_of(engine)["bases"]["tiny"]
    return f"{row['image']}:{row['tag']}@{row['digests']['x86_64']}"


EVIL = {
    "another image": "FROM docker.io/library/debian:bookworm\n",
    "an image of the engine": "FROM scaffold.invalid/debian:bookworm\n",
    "a tag without digest": "FROM {host}/tiny:1\n",
    "another tag with the digest": "FROM {host}/tiny:2@{digest}\n",
    "another image of the same place": "FROM {host}/lambda/python:3.13@{other}\n",
    "COPY --from": "FROM {good}\nCOPY --from={host}/tiny:1-amd64 / /\n",
    "COPY --from, escaped": "FROM {good}\nCOPY --fr\\om={host}/tiny:1-amd64 / /\n",
    "RUN --mount": "FROM {good}\nRUN --mount=from={host}/tiny:1-amd64,target=/x true\n",
    "the second RUN --mount": "FROM {good}\nRUN --mount=type=tmpfs,target=/a --mount=FROM={host}/tiny:2,target=/x a\n",
    "ADD https": "FROM {good}\nADD https://example.com/a /\n",
    "ADD git": "FROM {good}\nADD https://github.com/acme/shop.git /\n",
    "syntax": "# syntax=docker/dockerfile:1\nFROM {good}\n",
    "syntax in slashes": "// syntax=docker/dockerfile:1\nFROM {good}\n",
    "an argument": "ARG BASE={good}\nFROM ${{BASE:-x}}\n",
}
WORDS = {
    "an argument": ["--build-arg=BASE={host}/tiny:1"],
    "a context in the base's place": ["--build-context={good}=docker-image://scaffold.invalid/debian:bookworm"],
    "a folder in the base's place": ["--build-context={good}=."],
    "a frontend": ["--build-arg=BUILDKIT_SYNTAX=docker/dockerfile:1"],
}


@pytest.mark.parametrize("name", sorted(EVIL.keys() | WORDS.keys()))
def test_the_builder_refuses_what_the_standards_do_not_have(
    name: str, engine: Engine, policy: Path, place: Place, tmp_path: Path
) -> None:
    base = good(engine)
    other = standards_of(engine)["bases"]["python3.11"]["digests"]["x86_64"]
    facts = {"host": place.host, "good": base, "digest": base.partition("@")[2], "other": other}
    dockerfile = EVIL.get(name, "FROM {good}\nCOPY Dockerfile /\n").format(**facts)
    words = [word.format(**facts) for word in WORDS.get(name, ())]
    done = gates.build(dockerfile, tmp_path / "context", *words, policy=policy)
    assert done.returncode != 0
    assert "denied by policy" in done.stderr


def test_the_builder_takes_what_the_standards_have(engine: Engine, policy: Path, tmp_path: Path) -> None:
    base = good(engine)
    by_digest = f"{base.rpartition(':1@')[0]}@{base.partition('@')[2]}"
    for dockerfile in (f"FROM {base} AS a\nFROM a\nCOPY --from=a / /x/\nCOPY . /\n", f"FROM {by_digest}\n"):
        done = gates.build(dockerfile, tmp_path / "context", policy=policy)
        assert done.returncode == 0, done.stderr


CASES = ("minimal", "debian", "al2")


@pytest.mark.parametrize("case", CASES)
def test_the_three_gates_agree(
    case: str, engine: Engine, scaffold: Scaffold, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    spec = projects.spec_of(case) | {"name": f"three-{case}-{os.getpid()}"}
    request.addfinalizer(lambda: daemon.remove(f"{spec['name']}:latest", force=True))
    overlay = Path(__file__).parents[1] / f"template/cases/{case}/project"
    project = projects.make(engine, tmp_path / "project", spec, overlay)
    code, out, _ = scaffold("standards", "policy", "--projects", project.root)
    assert code == 0
    (tmp_path / "policy.json").write_text(out, encoding="utf-8")
    images = [rule["selector"]["identifier"] for rule in json.loads(out)["rules"]][3:]
    assert {name.partition("@")[2] for name in images} == {engine.plan(spec)["base"]["digest"]}
    rendered = tmp_path / "rendered"
    rendered.mkdir()
    shutil.copy(project.root / "lambda-image.yaml", rendered)
    assert scaffold("render", rendered)[0] == 0
    assert scaffold("check", rendered)[0] == 0
    by_hand = (
        "check",
        "--standards",
        engine.root / "standards/standards.yaml",
        "--dockerfile",
        rendered / "Dockerfile",
    )
    assert scaffold(*by_hand)[0] == 0
    project.script("build", "--quiet", SOURCE_POLICY=str(tmp_path / "policy.json"))
    code, out, _ = scaffold("image", "check", "--files", "--project", project.root)
    assert code == 0, out

    # Another base of the same registry, by hand: each gate alone refuses it.
    bases = standards_of(engine)["bases"]
    evil = f"{bases['tiny']['image']}:1-amd64"
    for root in (rendered, project.root):
        (root / "Dockerfile").write_text(f"FROM {evil} AS base\n", encoding="utf-8")
    assert scaffold("check", rendered)[0] == 1
    assert scaffold(*by_hand)[0] == 1
    done = project.script("build", check=False, SOURCE_POLICY=str(tmp_path / "policy.json"))
    assert done.returncode != 0
    assert "denied by policy" in (done.stderr or "")
    project.build()
    code, out, _ = scaffold("image", "check", "--project", project.root, "--format=json")
    assert code != 0
    assert "other-base" in codes(out)


# A builder that does not know source policies


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts another `docker` before the real one: a script, in which $real is the real one."""

    def put(script: str) -> None:
        path = tmp_path / "bin/docker"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\nreal={docker_client()}\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")

    return put


LEGACY = """\
case "$1 $2" in
    'buildx build') shift 2 ;;
    *) exec "$real" "$@" ;;
esac
for word; do  # the options of the old builder alone
    shift
    case $word in
        --build-context | --output | --secret | --file) drop=yes; continue ;;
        --load | --provenance=* | --sbom=* | --platform) [ "$word" != --platform ] || drop=yes; continue ;;
    esac
    if [ -n "${drop:-}" ]; then drop=; continue; fi
    set -- "$@" "$word"
done
DOCKER_BUILDKIT=0 exec "$real" build "$@"
"""


PINNED = {"base": {"name": "python3.13", "digest": f"sha256:{'0' * 64}"}}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('unset EXPERIMENTAL_BUILDKIT_SOURCE_POLICY; exec "$real" "$@"', "does not enforce SOURCE_POLICY"),
        (LEGACY, "does not enforce SOURCE_POLICY"),
    ],
    ids=["one that passes over it", "the legacy builder"],
)
def test_a_builder_that_ignores_policies_is_told(
    script: str, said: str, engine: Engine, policy: Path, tmp_path: Path, stranger: Callable[[str], None]
) -> None:
    spec = projects.spec_of("minimal") | PINNED | {"name": f"ignored-{os.getpid()}"}
    project = projects.make(engine, tmp_path / "project", spec)
    stranger(script)
    done = project.script("build", check=False, SOURCE_POLICY=str(policy))
    assert done.returncode == 1
    assert said in (done.stderr or "")
    assert not daemon.client().images.list(project.name)


def test_the_script_takes_no_policy_that_is_none(engine: Engine, policy: Path, tmp_path: Path) -> None:
    project = projects.make(engine, tmp_path / "pinned", projects.spec_of("minimal") | PINNED)
    (tmp_path / "empty.json").write_text("{}", encoding="utf-8")
    for words, file, said in (
        ((), tmp_path / "absent.json", "a file that does not exist"),
        ((), tmp_path / "empty.json", "does not enforce SOURCE_POLICY"),
        (("--builder=default",), policy, "BUILDX_BUILDER"),
    ):
        done = project.script("build", *words, check=False, SOURCE_POLICY=str(file))
        assert done.returncode == 1
        assert said in (done.stderr or "")
