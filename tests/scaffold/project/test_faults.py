"""A render that is killed, starved, raced or attacked leaves every file entirely old or entirely new.

`strace` kills the renderer, or fails one of its system calls, at every single call that changes or opens something. One
traced driver process forks a child for each case. `strace` counts calls per process and per kind and strikes at one
fixed count, so each child first makes as many failing calls of that kind as it takes for its own Nth to be the one.
"""

import errno
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from scaffold.errors import ScaffoldError
from scaffold.project import apply, changes
from scaffold.project.answers import ANSWERS
from scaffold.project.files import is_temporary_file
from scaffold.project.recorded import Recorded
from scaffold.rendering.rendered_file import Owner, RenderedFile

CALLS = ("openat", "write", "renameat", "renameat2", "unlinkat", "mkdirat", "linkat", "fsync")
STRACE = shutil.which("strace")
needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not installed: apt-get install strace")

DRIVER = """
import json, os, sys
from pathlib import Path
from scaffold.project import apply, changes
from scaffold.project import git as project_git
from scaffold.project.recorded import Recorded
from scaffold.errors import ScaffoldError
from scaffold.rendering.rendered_file import Owner, RenderedFile

FAILING = {
    "openat": lambda: os.open("", os.O_RDONLY),
    "write": lambda: os.write(999, b""),
    "renameat": lambda: os.rename("", "", src_dir_fd=0, dst_dir_fd=0),
    "renameat2": lambda: os.rename("", "", src_dir_fd=0, dst_dir_fd=0),
    "unlinkat": lambda: os.unlink("", dir_fd=0),
    "mkdirat": lambda: os.mkdir("", dir_fd=0),
    "linkat": lambda: os.link("", "", src_dir_fd=0, dst_dir_fd=0, follow_symlinks=False),
    "fsync": lambda: os.fsync(999),
}


def files(rows):
    return [RenderedFile(path=p, owner=Owner.GENERATED, executable=x, content=c.encode()) for p, x, c in rows]


def case(root, call, ahead):
    for _ in range(ahead):
        try:
            FAILING[call]()
        except OSError:
            pass
    try:
        planned = changes.compare(Path(root), current=new, recorded=Recorded(files=old), offered=())
        apply.apply(Path(root), planned, force=force)
    except ScaffoldError as error:
        Path(root + ".error").write_text(str(error))
        return error.exit_code
    return 0


# Git's own calls are not ours to fail.
project_git.held = lambda root, wanted: set()
work = json.loads(Path(sys.argv[1]).read_text())
old, new, force = files(work["old"]), files(work["new"]), work["force"]
results = []
for root, call, ahead in work["cases"]:
    child = os.fork()
    if not child:
        code = 99
        try:
            code = case(root, call, ahead)
        finally:
            os._exit(code)
    results.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
Path(sys.argv[1]).with_suffix(".results").write_text(json.dumps(results))
"""


def generated(path: str, content: str, *, executable: bool = False) -> RenderedFile:
    return RenderedFile(path=path, owner=Owner.GENERATED, executable=executable, content=content.encode())


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What stands, what is wanted, and edits of the user's on top of the old render."""

    old: tuple[RenderedFile, ...]
    new: tuple[RenderedFile, ...]
    edits: tuple[tuple[str, bytes], ...] = ()

    def place(self, root: Path) -> None:
        for file in self.old:
            path = root / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(dict(self.edits).get(file.path, file.content))
            path.chmod(0o755 if file.executable else 0o644)

    def recorded(self, root: Path) -> tuple[RenderedFile, ...]:
        """What a render would take the project to have been rendered from: its answers file says."""
        answers = next(file.content for file in self.new if file.path == ANSWERS)
        return self.new if content(root / ANSWERS) == answers else self.old

    def finish(self, root: Path) -> None:
        wanted = changes.compare(root, current=self.new, recorded=Recorded(files=self.recorded(root)), offered=())
        apply.apply(root, wanted, force=bool(self.edits))


SMALL = Scenario(
    old=(
        generated("Dockerfile", "old " * 100),
        generated("scripts/build", "same", executable=False),
        generated("old/folder/gone", "old"),
        generated("old/too", "old"),
        generated(ANSWERS, "old answers"),
    ),
    new=(
        generated("Dockerfile", "new " * 5000),
        generated("scripts/build", "same", executable=True),
        generated("new/folder/made", "new"),
        generated("new/too", "new", executable=True),
        generated(ANSWERS, "new answers"),
    ),
)
FORCED = Scenario(
    old=SMALL.old,
    new=SMALL.new,
    edits=(("Dockerfile", b"mine"), ("old/too", b"mine too"), ("scripts/build", b"mine as well")),
)
# Of thirty files, a few change, a few move to another folder, and most stay as they are.
LARGE = Scenario(
    old=(
        *(generated(f"{n % 3}/{n}", f"old {n // 4 if n % 4 else 'x'}") for n in range(29)),
        generated(ANSWERS, "old answers"),
    ),
    new=(
        *(
            generated(f"{n % 3 if n < 24 else 3}/{n}", f"old {n // 4}" if n % 4 else f"new {n}" * 300)
            for n in range(29)
        ),
        generated(ANSWERS, "new answers"),
    ),
)
SCENARIOS = {"5 files": SMALL, "5 files, forced": FORCED, "30 files": LARGE}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory in memory where there is one: thousands of fsync calls are cheap there."""
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as name:
        yield Path(name)


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}


def trace(folder: Path, scenario: Scenario, cases: list[tuple[str, str, int]], *options: str) -> list[int]:
    """Run cases (root, call, calls made ahead) under strace; returns how each child ended."""
    rows = {
        side: [[f.path, f.executable, f.content.decode()] for f in getattr(scenario, side)] for side in ("old", "new")
    }
    work = folder / f"work-{threading.get_ident()}.json"
    work.write_text(json.dumps(rows | {"force": bool(scenario.edits), "cases": cases}))
    calls = ",".join(f"?{call}" for call in CALLS)
    environment = os.environ | {"PYTHONPATH": str(Path(apply.__file__).parents[2])}
    words = [
        str(STRACE),
        "-f",
        "-qq",
        "-e",
        f"trace={calls}",
        *options,
        sys.executable,
        "-c",
        DRIVER,
        str(work),
    ]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return list(json.loads(work.with_suffix(".results").read_text()))


def count(folder: Path, scenario: Scenario) -> tuple[Counter[str], Counter[str]]:
    """How often the driver and one whole render make each call."""
    root = folder / "count"
    scenario.place(root)
    assert trace(folder, scenario, [(str(root), "", 0)], "-o", str(folder / "log")) == [0]
    calls: dict[str, Counter[str]] = {}
    for process, call in re.findall(r"^(\d+) +(\w+)\(", (folder / "log").read_text(), re.MULTILINE):
        calls.setdefault(process, Counter())[call] += 1
    driver, child = calls.values()
    return driver, child


def strike(folder: Path, scenario: Scenario, what: str, only: tuple[str, ...] = CALLS) -> list[tuple[Path, str, int]]:
    """Strike each call of a render once; returns root, call and how the render ended."""
    driver, child = count(folder, scenario)
    cases, options = [], ["-o", os.devnull]
    for call in [call for call in child if call in only]:
        # The driver itself must stay below the count, and so must every child of which another call is to be struck.
        strikes_at = max(child[call], driver[call]) + 10
        options += ["-e", f"inject={call}:{what}:when={strikes_at}"]
        cases += [(call, strikes_at - number) for number in range(1, child[call] + 1)]
    roots = [folder / f"case-{number}" for number in range(len(cases))]
    for root in roots:
        scenario.place(root)
    work = [(str(root), *case) for root, case in zip(roots, cases, strict=True)]
    shares = min(os.cpu_count() or 1, 4)
    with ThreadPoolExecutor(shares) as pool:
        done = pool.map(lambda share: trace(folder, scenario, work[share::shares], *options), range(shares))
        by_root = {
            root: end
            for share, ends in enumerate(done)
            for (root, *_), end in zip(work[share::shares], ends, strict=True)
        }
    assert {call for call, _ in cases} >= {"openat", "write", "unlinkat", "mkdirat", "fsync"} & set(only)
    return [(root, call, by_root[str(root)]) for root, (call, _) in zip(roots, cases, strict=True)]


def assert_whole(scenario: Scenario, root: Path) -> None:
    """Every file is entirely old or entirely new, the user's bytes are there, and the answers file is not ahead."""
    edits = dict(scenario.edits)
    old = {file.path: (edits.get(file.path, file.content), file.executable) for file in scenario.old}
    new = {file.path: (file.content, file.executable) for file in scenario.new}
    states = set()
    for path in old.keys() | new.keys():
        bytes_ = content(root / path)
        state = None if bytes_ is None else (bytes_, bool((root / path).stat().st_mode & 0o100))
        assert state in (old.get(path), new.get(path)), (root, path, state)
        states.add("new" if state == new.get(path) else "old")
    if content(root / ANSWERS) == new[ANSWERS][0]:
        assert states == {"new"}
    kept = {content(path) for path in root.rglob("*") if path.is_file() and not is_temporary_file(path.name)}
    assert {edit for _, edit in scenario.edits} <= kept
    strangers = {name for name in names(root) if not (root / name).is_dir()} - old.keys() - new.keys()
    assert all(is_temporary_file(name) or ".orig" in name for name in strangers)


def assert_finished(scenario: Scenario, root: Path) -> None:
    """A further render is possible, and leaves exactly what an undisturbed one would."""
    scenario.finish(root)
    files = {file.path for file in scenario.new} | {f"{path}.orig" for path, _ in scenario.edits}
    folders = {parent.as_posix() for name in files for parent in Path(name).parents} - {"."}
    assert names(root) == files | folders
    assert changes.compare(root, current=scenario.new, recorded=Recorded(files=scenario.new), offered=()) == []
    assert {(root / path).with_name(Path(path).name + ".orig").read_bytes() for path, _ in scenario.edits} == {
        edit for _, edit in scenario.edits
    }


@needs_strace
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_render_killed_at_any_call_tears_nothing_and_the_next_one_finishes(folder: Path, name: str) -> None:
    scenario = SCENARIOS[name]
    struck = strike(folder, scenario, "signal=KILL")
    assert [end for _, _, end in struck] == [-9] * len(struck)
    unfinished = 0
    for root, _, _ in struck:
        assert_whole(scenario, root)
        drift = changes.compare(
            root, current=scenario.new, recorded=Recorded(files=scenario.recorded(root)), offered=()
        )
        unfinished += bool(drift)
        assert drift or content(root / ANSWERS) == b"new answers"
        assert_finished(scenario, root)
    # Had the kills come before the first change or after the last one only, nothing would have been shown.
    assert unfinished > len(struck) * 0.9
    assert len(struck) > 80


@needs_strace
@pytest.mark.parametrize("code", ["ENOSPC", "EROFS", "EACCES", "EMFILE"])
def test_an_error_at_any_call_is_told_and_leaves_whole_files(folder: Path, code: str) -> None:
    only = ("openat",) if code == "EMFILE" else CALLS
    ends = Counter()
    for root, call, end in strike(folder, FORCED, f"error={code}", only):
        assert_whole(FORCED, root)
        ends[call, end] += 1
        if end:
            message = Path(f"{root}.error").read_text()
            assert re.fullmatch(
                rf"cannot (read|write|remove) {root}(/\S+)?: {os.strerror(getattr(errno, code))}", message
            )
            # Only where removing is what fails may something be left to remove.
            assert call == "unlinkat" or not any(map(is_temporary_file, names(root)))
        assert_finished(FORCED, root)
    # What does without: the removal of a name that is gone already, and a hard link where there are none.
    assert {end for (call, end) in ends if call not in {"unlinkat", "linkat"}} == {3}
    assert {end for (_, end) in ends} <= {0, 3}


@needs_strace
def test_an_interrupted_call_is_repeated(folder: Path) -> None:
    for root, _, end in strike(folder, SMALL, "error=EINTR", ("openat", "write", "fsync")):
        assert end == 0
        assert_finished(SMALL, root)


@pytest.mark.parametrize("limit", ["RLIMIT_FSIZE", "RLIMIT_NOFILE"])
def test_a_limit_of_the_system_is_told_and_leaves_whole_files(folder: Path, limit: str) -> None:
    root = folder / "root"
    SMALL.place(root)
    work = folder / "work.json"
    rows = {side: [[f.path, f.executable, f.content.decode()] for f in getattr(SMALL, side)] for side in ("old", "new")}
    work.write_text(json.dumps(rows | {"force": False, "cases": [(str(root), "", 0)]}))
    value = {"RLIMIT_FSIZE": 4096, "RLIMIT_NOFILE": 4}[limit]
    code = DRIVER.replace(
        "        planned =",
        f"        import resource; resource.setrlimit(resource.{limit}, ({value}, {value}))\n        planned =",
    )
    environment = os.environ | {"PYTHONPATH": str(Path(apply.__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code, str(work)], env=environment, check=True)
    assert_whole(SMALL, root)
    if limit == "RLIMIT_FSIZE":
        assert json.loads(work.with_suffix(".results").read_text()) == [3]
        assert Path(f"{root}.error").read_text() == f"cannot write {root}/Dockerfile: File too large"
    assert not any(map(is_temporary_file, names(root)))
    assert_finished(SMALL, root)


# Several at once

RENDERERS = """
import os, sys, time
from pathlib import Path
from scaffold.project import apply, changes
from scaffold.project.recorded import Recorded
from scaffold.errors import CannotDecideError, RefusedError
from scaffold.rendering.rendered_file import Owner, RenderedFile

root, number, until, same = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "same"
if sys.argv[5] == "stubbed":
    apply._lock = lambda tree: True

def wanted(variant):
    paths = [f"{index % 3}/{index}" for index in range(9)] + [".copier-answers.yml"]
    content = (b"%d" % variant) * 20000
    return [RenderedFile(path=path, owner=Owner.GENERATED, executable=False, content=content) for path in paths]

def recorded():
    try:
        return wanted(int((root / ".copier-answers.yml").read_bytes()[:1]))
    except FileNotFoundError:
        return []

done = turn = 0
# On a busy machine, one may come to its first turn when the time is over.
while time.time() < until or (not done and turn < 200):
    turn += 1
    variant = turn % 2 if same else number
    try:
        planned = changes.compare(root, current=wanted(variant), recorded=Recorded(files=recorded()), offered=())
        apply.apply(root, planned)
        done += 1
    except (CannotDecideError, RefusedError):
        pass
print(done)
"""


@pytest.mark.parametrize("lock", ["working", "stubbed"])
@pytest.mark.parametrize("variants", ["same", "different"])
def test_eight_renderers_at_once_tear_nothing(folder: Path, variants: str, lock: str) -> None:
    root = folder / "root"
    root.mkdir()
    environment = os.environ | {"PYTHONPATH": str(Path(apply.__file__).parents[2])}
    until = time.time() + 1
    words = [sys.executable, "-c", RENDERERS, str(root)]
    running = [
        subprocess.Popen(
            [*words, str(number), str(until), variants, lock], env=environment, stdout=subprocess.PIPE, text=True
        )
        for number in range(8)
    ]
    seen = Counter()
    while any(process.poll() is None for process in running):
        for path in [root / f"{index % 3}/{index}" for index in range(9)] + [root / ANSWERS]:
            if (bytes_ := content_if_there(path)) is not None:
                assert len(bytes_) == 20000
                assert len(set(bytes_)) == 1
                seen[bytes_[:1]] += 1
    outputs = [process.communicate()[0] for process in running]
    assert all(process.returncode == 0 for process in running)
    assert sum(int(output) for output in outputs) > 0
    assert seen
    assert set(map(len, map(Path.read_bytes, filter(Path.is_file, root.rglob("[0-9]"))))) == {20000}
    if lock == "working":
        last = {path.read_bytes()[:1] for path in root.rglob("*") if path.is_file()}
        assert len(last) == 1
        assert not any(map(is_temporary_file, names(root)))


def content_if_there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


class Attacker(threading.Thread):
    """Swaps directories of a project for links to others, and back, again and again."""

    def __init__(self, targets: dict[Path, Path], aside: Path) -> None:
        super().__init__()
        self.targets, self.aside = targets, aside
        self.swaps = 0
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.is_set():
            for path, target in self.targets.items():
                try:
                    self.swap(path, target)
                except OSError:
                    self.start_over(path)
                # Now and then there is time for a whole render.
                time.sleep(random.choice([0, 0.0005, 0.01]))

    def swap(self, path: Path, target: Path) -> None:
        path.rename(self.aside)
        path.symlink_to(target)
        time.sleep(0.0002)
        path.unlink()
        self.aside.rename(path)
        self.swaps += 1

    def start_over(self, path: Path) -> None:
        """The renderer made a directory in between: go on with whatever stands."""
        for left in (path, self.aside):
            if left.is_symlink():
                left.unlink()
        shutil.rmtree(self.aside, ignore_errors=True)


def test_a_directory_swapped_for_a_link_leads_nowhere(folder: Path) -> None:
    root, outside = folder / "root", folder / "outside"
    for place in (root, outside):
        (place / "scripts/deep").mkdir(parents=True)
    for path in ("scripts/one", "scripts/deep/two", "one", "deep/two", "two"):
        (outside / path).parent.mkdir(parents=True, exist_ok=True)
        (outside / path).write_bytes(b"outside")
    before = {name: content(outside / name) for name in names(outside)}
    attacker = Attacker(
        {root / "scripts": outside / "scripts", root / "scripts/deep": outside / "deep"}, folder / "aside"
    )
    attacker.start()
    paths = ("scripts/one", "scripts/deep/two", "one")
    renders = [tuple(generated(path, text) for path in paths) for text in ("0", "1")]
    done = failed = 0
    until = time.time() + 60
    try:
        # On a busy machine either side may get little time: go on until both have had their turns.
        while min(attacker.swaps, done, failed) < 40 and time.time() < until:
            renders.reverse()
            try:
                wanted = changes.compare(root, current=renders[0], recorded=Recorded(files=renders[1]), offered=())
                apply.apply(root, wanted, force=failed % 2 == 1)
                done += 1
            except ScaffoldError:
                failed += 1
    finally:
        attacker.stop.set()
        attacker.join()
    assert {name: content(outside / name) for name in names(outside)} == before
    assert min(attacker.swaps, done, failed) >= 40
