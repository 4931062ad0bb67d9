"""Which files of a folder are judged, and what files beside a Dockerfile bring into a build."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scaffold.buildfiles import Found, find
from scaffold.document import MAX_BYTES

DOCKERFILE = "FROM registry.example/a:1\n"


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def names(found: Found, folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in found.dockerfiles)


def said(found: Found, folder: Path) -> list[tuple[str, str, int, str]]:
    return [(row.code, os.path.relpath(row.file, folder), row.line, row.message) for row in sorted(found.findings)]


def test_dockerfiles_by_name(tmp_path: Path) -> None:
    named = [
        *("Dockerfile", "a/dockerfile", "b/Containerfile", "DOCKERFILE.test", "c/prod.Dockerfile", "d/x.dockerfile"),
        *("Dockerfile.dev", "Containerfile.x", "e/f/x.containerfile", "node_modules/x/Dockerfile"),
    ]
    others = [
        "Dockerfile.dockerignore",
        "Dockerfiles",
        "dockerfile.py",
        "notes.md",
        ".git/Dockerfile",
        "a/.git/x.Dockerfile",
        "MyDockerfile",
    ]
    found = find([tree(tmp_path, dict.fromkeys([*named, *others], "x"))])
    assert names(found, tmp_path) == sorted(named)
    assert found.findings == []


def test_dockerfiles_by_what_they_start_with(tmp_path: Path) -> None:
    yes = {
        "image": DOCKERFILE,
        "notes.txt": "# Notes\n\nARG A=b\n  from --platform=x evil\n",
        "as": "FROM a AS b\nRUN c\n",
        "half": "FROM \\\n evil\n",
        "crlf": "FROM a\r\nRUN b\r\n",
        "split": "FR\\\nOM evil\n",
        "dockerfile.x": "# a \\\nFROM evil\n",
        "bom": "\ufeffFROM a\n",
    }
    no = {"code.py": "from a import b\n", "letter": "From Prague with love\n", "script": "#!/bin/sh\ndocker build .\n"}
    found = find([tree(tmp_path, yes | no)])
    assert names(found, tmp_path) == sorted(yes)


def test_a_file_that_is_named_is_judged_whatever_it_is(tmp_path: Path) -> None:
    assert names(find([tree(tmp_path, {"notes.md": "x"}) / "notes.md"]), tmp_path) == ["notes.md"]


def test_nothing_to_judge_is_no_pass(tmp_path: Path) -> None:
    tree(tmp_path, {"empty/README": "x", "full/Dockerfile": DOCKERFILE})
    for paths in ([tmp_path / "empty"], [tmp_path / "full", tmp_path / "empty"], [tmp_path / "gone"], []):
        assert "undecided" in {row.code for row in find(paths).findings}


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    tree(tmp_path, {"judged/Dockerfile": DOCKERFILE, "outside/Dockerfile": DOCKERFILE})
    judged = tmp_path / "judged"
    (judged / "link").symlink_to(tmp_path / "outside")
    (judged / "gone.Dockerfile").symlink_to("nowhere")
    os.mkfifo(judged / "pipe.Dockerfile")
    os.mkfifo(judged / "pipe")
    assert said(find([judged]), judged) == [
        ("undecided", "gone.Dockerfile", 0, "this is no file that can be read"),
        ("undecided", "link", 0, "a link to a folder outside the one that is judged"),
        ("undecided", "pipe.Dockerfile", 0, "this is no file that can be read"),
    ]


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    tree(tmp_path, {"outside": "FROM evil\n", "judged/a": "x"})
    (tmp_path / "judged/Dockerfile").symlink_to(tmp_path / "outside")
    (tmp_path / "judged/loop").symlink_to(".")
    found = find([tmp_path / "judged"])
    assert list(found.dockerfiles.values()) == [b"FROM evil\n"]
    assert found.findings == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tree(tmp_path, {"Dockerfile": DOCKERFILE, "closed/Dockerfile": DOCKERFILE})
    (tmp_path / "closed").chmod(0)
    assert [row.code for row in find([tmp_path]).findings] == ["undecided"]
    (tmp_path / "closed").chmod(0o700)


def test_no_more_is_read_than_is_judged(tmp_path: Path) -> None:
    [data] = find([tree(tmp_path, {"Dockerfile": "#" * (MAX_BYTES * 2)})]).dockerfiles.values()
    assert len(data) == MAX_BYTES + 1


FINE = {
    "compose.yaml": (
        "services:\n  fn:\n    build: {context: app, dockerfile: build.txt, args: {CHANNEL: stable}}\n"
        "  db: {image: 'postgres:17'}\n  other:\n    build: .\n    extends: {file: more.yaml, service: fn}\n"
        "include: [more.yaml, {path: [more.yaml]}]\n"
    ),
    "docker-bake.hcl": (
        '# contexts = {}\ntarget "fn" {\n  context = "app"\n  dockerfile = "build.txt"\n'
        '  args = { CHANNEL = "stable" }\n}\n'
    ),
    "docker-bake.json": '{"target": {"fn": {"context": "app", "dockerfile": "build.txt", "args": {"CHANNEL": "a"}}}}',
    "template.yaml": (
        "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {Role: !GetAtt Role.Arn}\n"
        "    Metadata: {DockerContext: ./app, Dockerfile: build.txt, DockerBuildArgs: {CHANNEL: stable}}\n"
    ),
    "workflow.yml": "jobs:\n  build:\n    services: {db: {image: x}}\n    steps: [{run: docker build .}]\n",
    "broken.yaml": "jobs: [\n",
    "vendor.hcl": 'contexts = "x"\n',
}


@pytest.mark.parametrize(("name", "text"), FINE.items(), ids=list(FINE))
def test_build_files_that_bring_nothing(name: str, text: str, tmp_path: Path) -> None:
    """They name a Dockerfile that no name and no FROM gives away."""
    found = find(
        [
            tree(
                tmp_path,
                {"more.yaml": "services: {}\n", "app/build.txt": "ARG A\nWHAT\n", "Dockerfile": "x", name: text},
            )
        ]
    )
    assert said(found, tmp_path) == []
    named = name not in {"workflow.yml", "broken.yaml", "vendor.hcl"}
    assert names(found, tmp_path) == ["Dockerfile", *(["app/build.txt"] if named else [])]


STAND_IN = "contexts that stand in for images or stages"
INLINE = "a Dockerfile inside this file"
NOT_LAST = "a stage that may not be the last"
FRONTEND = "an argument that can change how the Dockerfile is read"
NO_FOLDER = "the context {} is no folder under the one that is judged"
NO_FILE = "the Dockerfile {} is not under the folder that is judged"
NOT_HERE = "a file that is not under the folder that is judged"
COMPOSE = "services:\n  fn:\n    build:\n      "
BAKE = 'target "fn" {\n  '
SAM = "Resources:\n  Fn:\n    Metadata:\n      DockerContext: .\n      "
BRINGS = [
    ("compose.yaml", COMPOSE + "additional_contexts: {a: docker-image://evil}\n", 4, STAND_IN),
    ("compose.yaml", COMPOSE + '"additional\\u005fcontexts": [a=b]\n', 4, STAND_IN),
    ("compose.yaml", COMPOSE + "dockerfile_inline: |\n        FROM evil\n", 4, INLINE),
    ("compose.yaml", COMPOSE + "target: other\n", 4, NOT_LAST),
    ("compose.yaml", COMPOSE + "args: [A=b, BUILDKIT_SYNTAX=evil]\n", 4, FRONTEND),
    ("compose.yaml", COMPOSE + "args: {BUILDKIT_SYNTAX: evil}\n", 4, FRONTEND),
    ("compose.yaml", COMPOSE + "args: ['${NAME}=evil']\n", 4, FRONTEND),
    ("compose.yaml", COMPOSE + "x-bake: {contexts: {a: b}}\n", 4, STAND_IN),
    ("compose.yaml", COMPOSE + "context: ${DIR}\n", 4, NO_FOLDER.format("${DIR}")),
    ("compose.yaml", COMPOSE + "context: ..\n", 4, NO_FOLDER.format("..")),
    ("compose.yaml", "services: {fn: {build: 'https://x/y.git'}}\n", 1, NO_FOLDER.format("https://x/y.git")),
    ("compose.yaml", "services: {fn: {build: git@x:y}}\n", 1, NO_FOLDER.format("git@x:y")),
    ("compose.yaml", COMPOSE + "dockerfile: gone\n", 4, NO_FILE.format("gone")),
    ("compose.yaml", COMPOSE + "dockerfile: ../Dockerfile\n", 4, NO_FILE.format("../Dockerfile")),
    ("compose.yaml", "services: {fn: {extends: {file: ../x.yaml}}}\n", 1, NOT_HERE),
    ("compose.yaml", "include: ['oci://x/y']\n", 1, NOT_HERE),
    ("compose.yaml", "services: {fn: {build: [\n", 0, "this cannot be read (ParserError), and may say what is built"),
    ("any.yml", "x: &b {dockerfile_inline: FROM evil}\nservices: {fn: {build: {<<: [*b]}}}\n", 1, INLINE),
    ("any.yml", "a: 1\n---\nservices: {fn: {build: {target: x}}}\n", 3, NOT_LAST),
    ("docker-bake.json", '{"target": {"fn": {"contexts": {"a": "docker-image://evil"}}}}', 1, STAND_IN),
    ("docker-bake.json", '{"target": {"fn": {"dockerfile-inline": "FROM evil"}}}', 1, INLINE),
    ("docker-bake.json", '{"target": {"fn": {"args": {"BUILDKIT_SYNTAX": "evil"}}}}', 1, FRONTEND),
    ("docker-bake.hcl", BAKE + 'contexts = { a = "docker-image://evil" }\n}', 2, STAND_IN),
    ("docker-bake.hcl", 'target "fn" { dockerfile-inline = "FROM evil" }', 1, INLINE),
    ("docker-bake.hcl", BAKE + 'target = "other"\n}', 2, NOT_LAST),
    ("docker-bake.hcl", BAKE + 'context = A ? "https://x" : "."\n}', 2, "a context that is no literal text"),
    ("docker-bake.hcl", BAKE + "dockerfile = NAME\n}", 2, "a dockerfile that is no literal text"),
    ("docker-bake.hcl", BAKE + 'dockerfile = "${NAME}"\n}', 2, "a dockerfile that is no literal text"),
    ("docker-bake.hcl", BAKE + 'context = "https://x/y.git"\n}', 2, NO_FOLDER.format("https://x/y.git")),
    ("docker-bake.hcl", BAKE + 'args = { BUILDKIT_SYNTAX = "evil" }\n}', 2, FRONTEND),
    ("template.yaml", SAM + "DockerBuildTarget: other\n", 5, NOT_LAST),
    ("template.yaml", SAM + "DockerBuildArgs: {BUILDKIT_SYNTAX: evil}\n", 5, FRONTEND),
    ("template.yaml", SAM + "DockerBuildArgs: !Ref Arguments\n", 5, FRONTEND),
    ("template.yaml", SAM + "DockerBuildArgs: {'Fn::If': [A, {}, {}]}\n", 5, FRONTEND),
    ("template.yaml", SAM + "Dockerfile: !Ref Name\n", 5, "a dockerfile that is no literal text"),
    ("stack.template", '{"Resources": {"Fn": {"Metadata": {"DockerBuildTarget": "x"}}}}', 1, NOT_LAST),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "line", "message"), BRINGS)
def test_build_files_that_bring_something(name: str, text: str, line: int, message: str, tmp_path: Path) -> None:
    tree(tmp_path, {"Dockerfile": DOCKERFILE})
    folder = tree(tmp_path / "judged", {"Dockerfile": DOCKERFILE, name: text})
    assert ("build-override", name, line, message) in said(find([folder]), folder)


def test_hostile_yaml_ends(tmp_path: Path) -> None:
    bomb = "build: 1\na0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    deep = "build: " + "[" * 5000
    recursive = "services: &s {fn: {build: &b {<<: *b, target: x}}}\n"
    folder = tree(tmp_path, {"Dockerfile": DOCKERFILE, "bomb.yaml": bomb, "compose.yaml": deep, "r.yaml": recursive})
    assert {row.code for row in find([folder]).findings} == {"build-override"}
