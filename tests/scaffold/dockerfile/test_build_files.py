"""Which files of a folder are judged, and what files beside a Dockerfile bring into a build."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scaffold.dockerfile.discover import DockerfileSearch, find
from scaffold.findings.source import MAX_BYTES

DOCKERFILE = "FROM registry.example/a:1\n"


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def names(found: DockerfileSearch, folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in found.dockerfiles)


def said(found: DockerfileSearch, folder: Path) -> list[tuple[str, str, int, str]]:
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
        ("undecided", "gone.Dockerfile", 0, "not a readable file"),
        ("undecided", "link", 0, "a link to a directory outside the checked one"),
        ("undecided", "pipe.Dockerfile", 0, "not a readable file"),
    ]


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    tree(tmp_path, {"judged/a/x": "FROM evil\n"})
    (tmp_path / "judged/Dockerfile").symlink_to("a/x")
    (tmp_path / "judged/loop").symlink_to(".")
    found = find([tmp_path / "judged"])
    assert {*found.dockerfiles.values()} == {b"FROM evil\n"}
    assert found.findings == []


@pytest.mark.parametrize("name", ["Dockerfile", "notes", "compose.yaml"])
def test_a_link_to_a_file_elsewhere_decides_nothing(name: str, tmp_path: Path) -> None:
    """What it leads to may be another file on the machine that builds."""
    tree(tmp_path, {"outside": "x\n", "judged/a.Dockerfile": DOCKERFILE})
    (tmp_path / "judged" / name).symlink_to(tmp_path / "outside")
    (tmp_path / "judged/python").symlink_to(Path(sys.executable).resolve())
    message = "a link to a file outside the checked directory, which may be another one elsewhere"
    assert said(find([tmp_path / "judged"]), tmp_path / "judged") == [("undecided", name, 0, message)]


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
OTHERS = {
    "bake.hcl": (
        'variable "TAG" { default = "1" }\nfunction "f" {\n  params = [x]\n  result = "${x}-${upper("a}")}"\n}\n'
        'target "a" { # one\n  context = "." // here\n  dockerfile = "Dockerfile" /* this */\n'
        '  args = {\n    A = TAG, "B" = f("x")\n    C = [for x in ["a"] : {target = x}]\n  }\n'
        '  tags = ["r/a:${TAG}", notequal("", TAG) ? "r/a:${f("x")}" : ""]\n  labels = { target = "x" }\n'
        '  cache-from = ["type=gha,scope=a", { type = "local", src = "/var/cache/a" }]\n'
        "  description = <<-END\n  target {\n  END\n}\n"
    ),
    "terragrunt.hcl": "a {\n  b = <<EOT\n${target}\nEOT\n}\n",
    "cache.yaml": "services: {a: {build: {context: ., cache_from: ['type=gha', 'type=local,src=/var/c'], args: }}}\n",
    "cache.json": '{"target": {"a": {"cache-from": ["type=gha", {"scope": "x", "type": "gha"}]}}}',
    "tsconfig.json": '{"extends": "./base", "include": ["src"], "compilerOptions": {"target": "es2022"}}',
    "tsconfig.build.json": '{\n\t// comment\n\t"include": ["build"], "compilerOptions": {"target": "es2022"},\n}',
    ".gitlab-ci.yml": "stages: [build]\ninclude: ['/ci/x.yml', {template: A.yml}]\nbuild: {script: [docker build .]}\n",
    "chart.yaml": 'metadata:\n  labels: {{- include "a.labels" . | nindent 4 }}\nspec: {target: x}\n',
    "package-lock.json": '{"packages": {"a": {"build": 1, "include": 2}}, "x": "' + "x" * MAX_BYTES + '"}',
    "cassette.yaml": 'body: "' + "target build\\\n" * 30_000 + '"\n',
    "k8s.yml": "apiVersion: v1\nspec: {target: x, build: ['!Ref x']}\n",
    "stack.yaml": "Resources: {B: {Type: 'AWS::S3::Bucket', Metadata: {DockerTag: x}, Properties: !If [a, {}, {}]}}\n",
    ".env": "# COMPOSE_FILE=x\nCOMPOSE_PROJECT_NAME=a\n",
    "requirements.in": "requests\n",
    "compose.local.yaml": (
        "services:\n  fn:\n    build: {context: ., target: last, platforms: [linux/arm64], x-note: a}\n"
        "    ports: ['9000:8080']\n  test: {extends: {service: fn}, profiles: [test]}\n"
    ),
    "last.hcl": 'target "a" {\n  target = "last"\n}\ntarget b { inherits = ["a"] }\ngroup "c" { targets = ["a"] }\n',
    ".github/workflows/build.yml": (
        "on: push\njobs:\n  build:\n    steps:\n    - uses: a/b@v4\n    - uses: docker/build-push-action@v6\n"
        "      with:\n        context: .\n        file: Dockerfile\n        target: last\n        tags: a\n"
        "        build-args: |\n          A=b\n          C=d\n        cache-from: |\n          type=gha\n"
        "          type=local,src=/tmp/cache\n        cache-to: type=gha\n"
        "    - uses: docker/bake-action@v6\n      with: {targets: a, set: '*.tags=b', source: .}\n"
        "    - run: docker build --build-arg A=b .\n    - uses: codecov/codecov-action@v5\n      with: {file: gone}\n"
    ),
    "skaffold.yaml": (
        "apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts:\n  - image: fn\n"
        "    docker: {dockerfile: Dockerfile, target: last, buildArgs: {A: b}}\n  local: {push: false}\n"
    ),
    ".devcontainer/devcontainer.json": (
        '{\n  // A comment, and "quotes" // in it\n  "name": "a // b",\n  "build": {"dockerfile": "../Dockerfile", '
        '"context": "..", "args": {"A": "b"},},\n  "features": {} /* none */\n}\n'
    ),
    "samconfig.toml": (
        'version = 0.1\n[default.build.parameters]\ncached = true\ntemplate = "other.yaml"\n'
        '[default.deploy.parameters]\nstack_name = "a"\n'
    ),
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


@pytest.mark.parametrize(("name", "text"), OTHERS.items(), ids=list(OTHERS))
def test_files_of_every_day(name: str, text: str, tmp_path: Path) -> None:
    files = {"Dockerfile": "FROM a AS first\nFROM first AS last\n", "other.yaml": "Resources: {}\n", name: text}
    assert said(find([tree(tmp_path, files)]), tmp_path) == []


STAND_IN = "contexts that replace images or stages"
INLINE = "an inline Dockerfile"
NOT_LAST = "a target that may not be the last stage"
FRONTEND = "a build argument that can change how the Dockerfile is read"
NO_FOLDER = "the context {} is not a directory inside the checked one"
NO_FILE = "the Dockerfile {} is not inside the checked directory"
NOT_HERE = "a file that is not inside the checked directory"
CACHE = "a cache that may hold build steps produced by someone else"
CONTEXT = "the context is not a literal string"
DIRECTORY = "a different project directory"
KEY = "a key that is not a plain string"
NAMES = "Compose files with other names than the usual ones"
PARAMETER = "an unknown build parameter"
HIDDEN = "resources that exist only after a transformation"
LONG = f"the file is larger than {MAX_BYTES} bytes"
UNREAD = "the file cannot be read ({}), and may describe builds"
MERGES = "m0: &m0 {dockerfile_inline: x}\n" + "".join(f"m{n}: &m{n} {{<<: *m{n - 1}}}\n" for n in range(1, 30))
MERGES += "services: {fn: {build: {<<: *m29}}}\n"
COMPOSE = "services:\n  fn:\n    build:\n      "
BAKE = 'target "fn" {\n  '
INCLUDED = "Resources: {F: {KEY: {Name: AWS::Include, Parameters: {Location: x.yaml}}}}\n"
SKAFFOLD = "build: {artifacts: [{image: a, docker: "
WORKFLOW = ".github/workflows/a.yml"
STEP = "jobs: {a: {steps: [{"
ACTION = STEP + "uses: docker/build-push-action@v6, with: {"
FLAG = "an option that gives the builder other sources"
OVERRIDE = "an override of what is built"
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
    ("compose.yaml", "services: {fn: {build: [\n", 0, "the file cannot be read (ParserError), and may describe builds"),
    ("any.yml", "x: &b {dockerfile_inline: FROM evil}\nservices: {fn: {build: {<<: [*b]}}}\n", 1, INLINE),
    ("any.yml", "a: 1\n---\nservices: {fn: {build: {target: x}}}\n", 3, NOT_LAST),
    ("docker-bake.json", '{"target": {"fn": {"contexts": {"a": "docker-image://evil"}}}}', 1, STAND_IN),
    ("docker-bake.json", '{"target": {"fn": {"dockerfile-inline": "FROM evil"}}}', 1, INLINE),
    ("docker-bake.json", '{"target": {"fn": {"args": {"BUILDKIT_SYNTAX": "evil"}}}}', 1, FRONTEND),
    ("docker-bake.hcl", BAKE + 'contexts = { a = "docker-image://evil" }\n}', 2, STAND_IN),
    ("any.hcl", 'target"fn"{ dockerfile-inline = "FROM evil" }', 1, INLINE),
    ("any.hcl", 'target/**/"fn"{ dockerfile-inline = "FROM evil" }', 1, INLINE),
    ("docker-bake.hcl", 'target "fn" { dockerfile-inline = "FROM evil" }', 1, INLINE),
    ("docker-bake.hcl", BAKE + 'target = "other"\n}', 2, NOT_LAST),
    ("docker-bake.hcl", BAKE + 'context = A ? "https://x" : "."\n}', 2, CONTEXT),
    ("docker-bake.hcl", BAKE + "dockerfile = NAME\n}", 2, "the dockerfile is not a literal string"),
    ("docker-bake.hcl", BAKE + 'dockerfile = "${NAME}"\n}', 2, "the dockerfile is not a literal string"),
    ("docker-bake.hcl", BAKE + 'context = "https://x/y.git"\n}', 2, NO_FOLDER.format("https://x/y.git")),
    ("docker-bake.hcl", BAKE + 'args = { BUILDKIT_SYNTAX = "evil" }\n}', 2, FRONTEND),
    ("template.yaml", SAM + "DockerBuildTarget: other\n", 5, NOT_LAST),
    ("template.yaml", SAM + "DockerBuildArgs: {BUILDKIT_SYNTAX: evil}\n", 5, FRONTEND),
    ("template.yaml", SAM + "DockerBuildArgs: !Ref Arguments\n", 5, FRONTEND),
    ("template.yaml", SAM + "DockerBuildArgs: {'Fn::If': [A, {}, {}]}\n", 5, FRONTEND),
    ("template.yaml", SAM + "Dockerfile: !Ref Name\n", 5, "the dockerfile is not a literal string"),
    ("compose.yaml", COMPOSE + "cache_from: [evil.example/cache]\n", 4, CACHE),
    ("compose.yaml", COMPOSE + "cache_from: ['type=gha,type=registry,ref=evil']\n", 4, CACHE),
    ("compose.yaml", COMPOSE + "x-bake: {cache-from: evil}\n", 4, CACHE),
    ("docker-bake.json", '{"target": {"fn": {"cache-from": [{"type": "registry", "ref": "evil"}]}}}', 1, CACHE),
    ("docker-bake.hcl", BAKE + 'cache-from = ["type=gha", { type = "registry", ref = "evil" }]\n}', 2, CACHE),
    ("docker-bake.hcl", BAKE + "cache-from = CACHE\n}", 2, CACHE),
    ("docker-bake.hcl", BAKE + 'cache-from = ["type=gha,scope=${X}"]\n}', 2, CACHE),
    ("docker-bake.hcl", BAKE + 'dockerfile-inline /**/ = "FROM evil"\n}', 2, INLINE),
    ("docker-bake.hcl", BAKE + '/*\n# */ dockerfile-inline = "FROM evil"\n}', 3, INLINE),
    ("docker-bake.hcl", 'target /*\n*/ fn { dockerfile-inline = "FROM evil" }', 2, INLINE),
    ("docker-bake.hcl", 'x = "${f("a\\"b")}"\ntarget a { dockerfile-inline = "FROM evil" }', 2, INLINE),
    ("docker-bake.hcl", 'x = "${f("}")}"\ntarget a { dockerfile-inline = "FROM evil" }', 2, INLINE),
    ("docker-bake.hcl", 'x = <<A\n"\nA\ntarget a { dockerfile-inline = "FROM evil" }', 4, INLINE),
    ("docker-bake.hcl", BAKE + 'context = "https:\\u002f\\u002fx"\n}', 2, CONTEXT),
    ("docker-bake.hcl", BAKE + 'context = "https:%{ if true }//x%{ endif }"\n}', 2, CONTEXT),
    ("docker-bake.hcl", BAKE + 'args = { "BUILDKIT\\u005fSYNTAX" = "evil" }\n}', 2, FRONTEND),
    ("docker-bake.hcl", BAKE + 'args = { "BUILD\u212aIT_SYNTAX" = "evil" }\n}', 2, FRONTEND),
    ("docker-bake.hcl", BAKE + 'args = { join("_", ["BUILDKIT", "SYNTAX"]) = "evil" }\n}', 2, FRONTEND),
    ("docker-bake.hcl", BAKE + 'args = { A = { b = "," }, (NAME) = "evil" }\n}', 2, FRONTEND),
    ("docker-bake.hcl", BAKE + "args = merge(A, B)\n}", 2, FRONTEND),
    ("docker-bake.hcl", BAKE + "args { A = 1 }\n}", 2, "something other than name = value"),
    ("docker-bake.hcl", BAKE + 'context = "-"\n}', 2, NO_FOLDER.format("-")),
    ("docker-bake.hcl", "x = <<A\n${\n<<A\nA\n}\nA\n" + BAKE + "}", 0, UNREAD.format("NotReadError")),
    ("docker-bake.hcl", BAKE + 'x = "', 0, UNREAD.format("NotReadError")),
    ("docker-bake.hcl", BAKE, 0, UNREAD.format("NotReadError")),
    ("docker-bake.hcl", "#" * MAX_BYTES + "\n" + BAKE + "}", 0, LONG),
    ("docker-bake.json", '{"target": {"fn": {"context": "%{ if true }"}}}', 1, NO_FOLDER.format("%{ if true }")),
    ("docker-bake.json", '{"target": {"fn": {"args": {"%{ if true }B%{ endif }": "x"}}}}', 1, FRONTEND),
    ("docker-bake.json", '{"target": [{"fn": {"dockerfile-inline": "FROM evil"}}]}', 1, INLINE),
    ("docker-bake.json", '{"target": {"fn": [{"dockerfile-inline": "FROM evil"}]}}', 1, INLINE),
    ("docker-bake.json", '{"target": {"a": {"dockerfile-inline": "x"}}, "target": {}}', 1, INLINE),
    ("docker-bake.json", '{"target": {"a": {"context": "..", "context": "."}}}', 1, NO_FOLDER.format("..")),
    ("bake.json", '{\n\t"target": {"a": {"dockerfile-inline": "x"}}}', 2, INLINE),
    ("bake.json", '{"target"\n: {"a": {"dockerfile-inline": "x"}}}', 0, UNREAD.format("ParserError")),
    ("bake.json", '{"target": {"a": {"context": "\\ud83d\\ude00"}}}', 0, UNREAD.format("ScannerError")),
    ("bake.json", '{"target": {"a": {}}, "x": "' + "x" * MAX_BYTES + '"}', 0, LONG),
    ("any.yml", "x: &k build\nservices: {fn: {*k : {target: x}}}\n", 2, NOT_LAST),
    ("any.yml", "%TAG !y! tag:yaml.org,2002:\n---\nservices: {fn: {!y!binary YnVpbGQ= : {target: x}}}\n", 3, KEY),
    ("any.yml", "services: {fn: {!<tag:yaml.org,2002:b%69nary> YnVpbGQ= : {target: x}}}\n", 1, KEY),
    ("any.yml", 'services: {fn: {? "bu\\\n ild" : {dockerfile_inline: FROM evil}}}\n', 2, INLINE),
    ("any.yml", "services: {fn: {!!binary YnVpbGQ= : {dockerfile_inline: FROM evil}}}\n", 1, KEY),
    ("any.yml", "services: {fn: {build: !!binary aHR0cHM6Ly94}}\n", 1, CONTEXT),
    ("any.yml", "services: {fn: {build: {target: x}}}\nx: &a 1\ny: &a 2\n", 0, UNREAD.format("ComposerError")),
    ("any.yml", "services: {fn: {build: {target: x}}}\nx: {a: 'b':c}\n", 0, UNREAD.format("ParserError")),
    ("any.yml", "#" * MAX_BYTES + "\nservices: {}\n", 0, LONG),
    ("any.yml", MERGES, 10, "too many or too deeply nested merges"),
    ("compose.yaml", "#" * MAX_BYTES + "\n", 0, LONG),
    ("compose.yaml", "include: [{path: more, project_directory: ..}]\n", 1, DIRECTORY),
    ("template.yaml", SAM + "DockerBuildExtraParams: [--build-context, a=b]\n", 5, PARAMETER),
    ("template.yaml", "Resources: {'Fn::ForEach::F': [X, [a], {'F${X}': {Metadata: {Dockerfile: x}}}]}\n", 1, HIDDEN),
    ("template.yaml", "Resources: {F: {Metadata: {'Fn::If': [a, {Dockerfile: x}, {}]}}}\n", 1, HIDDEN),
    ("template.yaml", "Resources: {F: {Type: AWS::Serverless::Application, Properties: {Location: ..}}}", 1, NOT_HERE),
    (".env", "A=1\nexport COMPOSE_FILE=stack.txt\n", 0, NAMES),
    ("docker-bake.hcl", 'target "f\\u006e" { dockerfile-inline = "FROM evil" }', 1, INLINE),
    ("docker-bake.hcl", 'target "a" "b" { dockerfile-inline = "FROM evil" }', 1, INLINE),
    ("docker-bake.hcl", 'target"a"{ dockerfile-inline = "FROM evil" }', 1, INLINE),
    ("docker-bake.hcl", 'x = <<A\nq\nA\ntarget a { dockerfile-inline = "x" }\ny = <<A\nz\nA\n', 4, INLINE),
    ("docker-bake.hcl", 'target "a" =', 0, UNREAD.format("NotReadError")),
    ("docker-bake.hcl", 'target\n"a" {}', 0, UNREAD.format("NotReadError")),
    ("docker-bake.hcl", BAKE + 'frontend = "evil"\n}', 2, PARAMETER),
    ("docker-bake.hcl", BAKE + 'dockerfile = "/Dockerfile"\n}', 2, NO_FILE.format("/Dockerfile")),
    ("docker-bake.hcl", BAKE + 'context = "/"\n}', 2, NO_FOLDER.format("/")),
    ("docker-bake.json", '{"target": [{"fn": [{"dockerfile": "/app/x"}]}]}', 1, NO_FILE.format("/app/x")),
    ("compose.yaml", COMPOSE + "dockerfile: /app/Dockerfile\n", 4, NO_FILE.format("/app/Dockerfile")),
    ("compose.yaml", COMPOSE + f"dockerfile: {'d' * 300}\n", 4, NO_FILE.format("d" * 80)),
    ("compose.yaml", COMPOSE + f"context: {'d' * 300}\n      dockerfile: a\n", 5, NO_FILE.format("a")),
    ("compose.yaml", f"include: [{'d' * 300}]\n", 1, NOT_HERE),
    ("compose.yaml", COMPOSE + "privileged: true\n", 4, PARAMETER),
    ("compose.yaml", COMPOSE + "target: first\n", 4, NOT_LAST),
    ("compose.yaml", COMPOSE + "target: LAST\n", 4, NOT_LAST),
    ("compose.yaml", COMPOSE + "target: ${TARGET}\n", 4, NOT_LAST),
    ("compose.yaml", COMPOSE + "context: app\n      target: last\n", 5, NOT_LAST),
    ("compose.yaml", COMPOSE + "cache_from: ['type=local,src=cache']\n", 4, CACHE),
    ("compose.yaml", COMPOSE + "cache_from: ['type=local,src=./a/../cache']\n", 4, CACHE),
    ("compose.yaml", COMPOSE + "cache_from: ['type=local']\n", 4, CACHE),
    ("compose.yaml", COMPOSE + "cache_from: ['type=local,src=/tmp,src=cache']\n", 4, CACHE),
    ("compose.yaml", COMPOSE + "cache_from: ['type=local,src=${HOME}/cache']\n", 4, CACHE),
    ("compose.yaml", COMPOSE + "cache_from: ['type=gha,url=https://evil']\n", 4, CACHE),
    ("compose.yaml", COMPOSE + "cache_from: ['type=s3,bucket=evil']\n", 4, CACHE),
    ("docker-bake.hcl", BAKE + 'cache-from = [{ type = "local", src = "cache" }]\n}', 2, CACHE),
    ("template.yaml", INCLUDED.replace("KEY", "Metadata: {'Fn::Transform'").replace("}\n", "}}\n"), 1, HIDDEN),
    ("template.yaml", INCLUDED.replace("KEY: ", "Metadata: !Transform "), 1, HIDDEN),
    ("template.yaml", INCLUDED.replace("KEY", "'Fn::Transform'"), 1, HIDDEN),
    ("template.yaml", "Resources: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: x}}}\n", 1, HIDDEN),
    ("template.yaml", "Transform: {Name: AWS::Include, Parameters: {Location: x}}\nResources: {}\n", 1, HIDDEN),
    ("template.yaml", "Transform: [AWS::Serverless-2016-10-31, Mine]\nResources: {}\n", 1, HIDDEN),
    ("samconfig.toml", '[a.build.parameters]\nbase_dir = "/tmp"\n', 1, DIRECTORY),
    ("samconfig.toml", '[a.global.parameters]\ntemplate_file = "../t.yaml"\n', 1, NOT_HERE),
    ("samconfig.toml", '[a.build.parameters]\nhook_name = "terraform"\n', 1, HIDDEN),
    ("samconfig.yaml", "a: {build: {parameters: {template_file: ../t.yaml}}}\n", 1, NOT_HERE),
    ("samconfig.toml", "[a", 0, UNREAD.format("TOMLDecodeError")),
    ("skaffold.yaml", SKAFFOLD + "{target: first}}]}\n", 1, NOT_LAST),
    ("skaffold.yaml", SKAFFOLD + "{buildArgs: {BUILDKIT_SYNTAX: evil}}}]}\n", 1, FRONTEND),
    ("skaffold.yaml", SKAFFOLD + "{cliFlags: [--build-context=a=b]}}]}\n", 1, PARAMETER),
    ("skaffold.yaml", SKAFFOLD + "{cacheFrom: [evil]}}]}\n", 1, CACHE),
    ("skaffold.yaml", SKAFFOLD + "{dockerfile: ../x}}]}\n", 1, NO_FILE.format("../x")),
    ("skaffold.yaml", "build: {artifacts: [{image: a, context: ../..}]}\n", 1, NO_FOLDER.format("../..")),
    ("skaffold.yaml", "build: {artifacts: [{image: a, buildpacks: {builder: evil}}]}\n", 1, PARAMETER),
    ("skaffold.yaml", "profiles: [{name: a, build: {artifacts: [{docker: {target: first}}]}}]\n", 1, NOT_LAST),
    ("skaffold.yaml", "profiles: [{name: a, patches: [{path: /build}]}]\n", 1, PARAMETER),
    ("skaffold.yaml", "requires: [{git: {repo: evil}}]\n", 1, PARAMETER),
    ("devcontainer.json", '{"build": {"options": ["--build-context=a=b"]}}', 1, PARAMETER),
    ("devcontainer.json", '{"build": {"target": "first"}}', 1, NOT_LAST),
    ("devcontainer.json", '{"dockerFile": "../x"}', 1, NO_FILE.format("../x")),
    ("devcontainer.json", '{"dockerComposeFile": ["../x.yaml"]}', 1, NOT_HERE),
    ("devcontainer.json", '{"build": ', 0, UNREAD.format("JSONDecodeError")),
    (WORKFLOW, ACTION + "build-contexts: a=docker-image://evil}}]}}\n", 1, STAND_IN),
    (WORKFLOW, ACTION + "build-args: 'A=b\n\n            BUILDKIT_SYNTAX=evil'}}]}}\n", 1, FRONTEND),
    (WORKFLOW, ACTION + "cache-from: 'type=gha\n\n            evil/cache'}}]}}\n", 1, CACHE),
    (WORKFLOW, ACTION + "target: first}}]}}\n", 1, NOT_LAST),
    (WORKFLOW, ACTION + "file: ../x}}]}}\n", 1, NO_FILE.format("../x")),
    (WORKFLOW, ACTION + "context: 'https://x/y.git'}}]}}\n", 1, NO_FOLDER.format("https://x/y.git")),
    (WORKFLOW, ACTION + "frontend: evil}}]}}\n", 1, PARAMETER),
    (WORKFLOW, STEP + "uses: a/b@v1, with: {build-contexts: a=b}}]}}\n", 1, STAND_IN),
    (WORKFLOW, STEP + "uses: docker/bake-action@v6, with: {set: '*.contexts.a=b'}}]}}\n", 1, OVERRIDE),
    (WORKFLOW, STEP + "uses: docker/bake-action@v6, with: {files: ../x.hcl}}]}}\n", 1, NOT_HERE),
    (WORKFLOW, STEP + "run: docker buildx build --build-context a=b .}]}}\n", 1, FLAG),
    (WORKFLOW, STEP + "run: 'docker build --build-arg BUILDKIT_SYNTAX=evil .'}]}}\n", 1, FLAG),
    (".gitlab-ci.yml", "build: {script: ['docker build --build-context=a=b .']}\n", 1, FLAG),
    ("action.yml", "runs: {steps: [{uses: docker/build-push-action@v6, with: {target: first}}]}\n", 1, NOT_LAST),
    ("stack.template", '{"Resources": {"Fn": {"Metadata": {"DockerBuildTarget": "x"}}}}', 1, NOT_LAST),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "line", "message"), BRINGS)
def test_build_files_that_bring_something(name: str, text: str, line: int, message: str, tmp_path: Path) -> None:
    stages = "FROM a AS first\nFROM first AS last\n"
    tree(tmp_path, {"Dockerfile": DOCKERFILE})
    folder = tree(tmp_path / "judged", {"Dockerfile": stages, "app/Dockerfile": DOCKERFILE, name: text})
    assert ("build-override", name, line, message) in said(find([folder]), folder)


@pytest.mark.parametrize(
    "text",
    [
        "include: [other.txt]\n",
        "include: {path: .git/other.txt}\n",
        "services: {fn: {extends: {file: other.txt, service: fn}}}\n",
        "Resources: {F: {Type: 'AWS::Serverless::Application', Properties: {Location: other.txt}}}\n",
    ],
)
def test_files_that_others_name_are_judged(text: str, tmp_path: Path) -> None:
    other = "include: [compose.yaml]\nservices: {fn: {build: {dockerfile_inline: FROM evil}}}\n"
    files = {"Dockerfile": DOCKERFILE, "compose.yaml": text, "other.txt": other, ".git/other.txt": other}
    assert INLINE in {row.message for row in find([tree(tmp_path, files)]).findings}
    tree(tmp_path, {"other.txt": "{", ".git/other.txt": "{"})
    assert [row.code for row in find([tmp_path]).findings] == ["build-override"]


def test_text_that_is_not_utf_8(tmp_path: Path) -> None:
    tree(tmp_path, {"Dockerfile": DOCKERFILE})
    build = "services: {fn: {build: {dockerfile_inline: FROM evil}}}\n"
    (tmp_path / "a.yaml").write_bytes(build.encode("utf-16"))
    (tmp_path / "b.yaml").write_bytes(build.encode() + b"# \xff\n")
    (tmp_path / "c.yaml").write_bytes(b"name: \xe9\n")
    (tmp_path / "d.hcl").write_bytes(b'target "a" {} # \xff\n')
    unread = UNREAD.format("UnicodeDecodeError")
    assert said(find([tmp_path]), tmp_path) == [
        ("build-override", name, 0, unread) for name in ("a.yaml", "b.yaml", "d.hcl")
    ]


@pytest.mark.parametrize("name", ["Dockerfile.in", "Containerfile.in", "image.in"])
def test_a_file_for_the_preprocessor(name: str, tmp_path: Path) -> None:
    path = tree(tmp_path, {name: '#include "evil"\n' + DOCKERFILE}) / name
    for start in (tmp_path, path):
        assert [row.code for row in find([start]).findings] == ["not-understood"]


HOSTILE = ["!", "*a ", "\\x", "/*", "<<A\n", '"', '"${', "{", "? ", "- ", "&a ", "target a {\n", "[", "a: {<<: ["]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_ends(text: str, tmp_path: Path) -> None:
    text *= MAX_BYTES // len(text)
    long = "target build " + text[: MAX_BYTES - 20]
    folder = tree(
        tmp_path, {"Dockerfile": DOCKERFILE, "a.hcl": long, "b.yaml": long, "c.json": text, "d.yml": text * 2}
    )
    assert {row.code for row in find([folder]).findings} <= {"build-override"}


def test_merges_without_end(tmp_path: Path) -> None:
    services = ", ".join(f"s{number}: {{build: {{<<: *r}}}}" for number in range(5000))
    text = f"r: &r {{{', '.join(f'x-k{number}: 1' for number in range(8000))}}}\nservices: {{{services}}}\n"
    findings = find([tree(tmp_path, {"Dockerfile": DOCKERFILE, "a.yaml": text})]).findings
    assert {row.message for row in findings} == {"too many or too deeply nested merges"}


def test_hostile_yaml_ends(tmp_path: Path) -> None:
    bomb = "build: 1\na0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    deep = "build: " + "[" * 5000
    recursive = "services: &s {fn: {build: &b {<<: *b, target: x}}}\n"
    folder = tree(tmp_path, {"Dockerfile": DOCKERFILE, "bomb.yaml": bomb, "compose.yaml": deep, "r.yaml": recursive})
    assert {row.code for row in find([folder]).findings} == {"build-override"}
