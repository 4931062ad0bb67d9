"""The codes of the preflight: what each finding about the contents of an image means, and why it matters to Lambda."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MEANINGS: Final[Mapping[str, str]] = {
    "build-tools": "The image has compilers or build tools, which nothing runs in Lambda. A warning.",
    "closed-directory": "Other users cannot open a directory of the function. Lambda's user owns nothing in the image.",
    "copied-content": "A layer repeats files of lower ones, for example to change their mode or owner. A warning.",
    "credential": (
        "A variable, a label, the history or a file contains a key, a token or a password of a known format. Whoever "
        "can pull the image can read it, even if a later layer removes the file. Its value is not shown."
    ),
    "development-dependencies": "`node_modules` has packages for development only. A warning.",
    "emulator-entrypoint": "The entry point is the runtime interface emulator: in Lambda the function never starts.",
    "gpu-libraries": "The image has libraries for GPUs, gigabytes that an ordinary function cannot use. A warning.",
    "hidden-file": "Lambda mounts something over the file's directory, such as `/tmp`. A warning.",
    "home-content": "A file is in the home of a user, which Lambda's user does not have and may not read. A warning.",
    "image-too-large": "The image exceeds Lambda's size limit.",
    "large-manifest": "The manifest has more bytes than AWS recommends for quick starts. A warning.",
    "large-settings": "Entry point, command, directory and variables exceed Lambda's limit for an image's settings.",
    "left-behind": "A repository, or the cache or settings of a tool, is in the image. A warning.",
    "media-type": "Lambda does not accept a manifest or a layer of this type.",
    "missing-client": "The runtime client that the entry point starts is not in the image.",
    "missing-directory": "The working directory is not in the image: Lambda reports InvalidWorkingDirectory.",
    "missing-entrypoint": "The image does not say what to start, or it is not in the image: InvalidEntrypoint.",
    "missing-interpreter": "A program or script needs a loader, a C library or an interpreter that the image lacks.",
    "missing-parent": "A layer has a file but no layer has its directory. Lambda reports MissingParentDirectory.",
    "not-offline": (
        "The image has models, and a library asks their hub for newer ones at each cold start: slow, and without a way "
        "to the internet it waits for its time limit. A warning."
    ),
    "not-executable": "The mode of the entry point or of `bootstrap` does not let Lambda's user start it.",
    "package-cache": "A package manager left its cache, which makes the image larger. A warning.",
    "removed-content": "Files that a later layer removes or replaces still count towards the size. A warning.",
    "secret-file": "A file usually holds credentials, such as `.env`. Whoever can pull the image can read it.",
    "several-manifests": "The image is an index (several images, or attestations), which Lambda does not accept.",
    "snapstart-label": "The label that declares support for SnapStart has a value that Lambda does not know.",
    "stale-bytecode": (
        "Python's bytecode does not match its source. Lambda cannot write it, so each cold start compiles again. "
        "A warning."
    ),
    "stray-extension": "Lambda starts each file in `/opt/extensions`, and fails if it cannot.",
    "too-many-extensions": "`/opt/extensions` has more files than Lambda registers extensions.",
    "unfit-client": "The runtime client requires a newer version of its language than the image has.",
    "unreadable-file": "Other users cannot read a file of the function. Lambda's user owns nothing in the image.",
    "unused-jar": "A jar is where AWS's base for Java does not look: its classes are not found.",
    "unwritable-cache": (
        "A package or a program writes below the home directory or beside the code, where Lambda lets no one write, "
        "and no variable names another directory. A warning."
    ),
    "wrong-command": "AWS's entry point takes exactly one word, the handler: CMD in its shell form gives it three.",
    "wrong-machine": "A program or a library is for another architecture than the image: it fails when it is loaded.",
    "wrong-python": "A compiled module is for another version of Python than the image has: its import fails.",
}
"""The meaning of each code, in one or two sentences of Markdown."""
