"""The registry of finding codes: the meaning of each code, and how runs and waivers treat it.

A new code is one row here and its use; a `Finding` cannot be created with a code that has no row. The reference, the
reports, exit statuses and waivers all read this table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from scaffold.findings import image_codes, yaml_codes

if TYPE_CHECKING:
    from collections.abc import Mapping


class Code(NamedTuple):
    """One row of the registry."""

    meaning: str
    """One or two sentences of Markdown, for the reference and for reports."""
    undecided: bool = False
    """Whether the finding reports that the command could not decide or finish: such a run ends with exit status 3."""
    waivable: bool = True
    """Whether a waiver may apply to it."""


GROUPS: Final[Mapping[str, Mapping[str, Code]]] = {
    "YAML findings": {code: Code(meaning) for code, meaning in yaml_codes.MEANINGS.items()},
    "Spec findings": {
        "base-not-allowed": Code("`base` describes your own image, which the standards do not allow."),
        "conflict": Code("Two settings exclude each other."),
        "foreign-code": Code(
            "A resource of `stack` is a function or a layer, or could bring in an image or a template."
        ),
        "invalid-handler": Code("`handler` is not a valid function name in this language."),
        "invalid-key": Code("The name of a variable or a label has the wrong form."),
        "invalid-value": Code("A string has the wrong form or length."),
        "missing-digest": Code("A file from outside the project has no `sha256`, or none for the architecture."),
        "missing-key": Code("A required key is absent."),
        "no-context": Code("A path starts with /, but the spec has no `context` to give it a root."),
        "no-default-base": Code("The standards have no default base, or builder, for the runtime."),
        "no-effect": Code("The key or item has no effect."),
        "newer-c-library": Code("The builder, or a file in an image, needs a newer C library than that of the base."),
        "no-hashes": Code("`require_hashes` is set, and `dependencies.packages` cannot carry hashes."),
        "not-included": Code("No pattern in `include` matches this file any more."),
        "open-index": Code(
            "An index without `packages`, and no `require_hashes`: anyone's package could be installed."
        ),
        "out-of-range": Code("A number is too small or too large."),
        "over-budget": Code(
            "The total size of the model files exceeds `model_budget`, or that of the image `image_budget`."
        ),
        "overrides-base": Code("The base declares a variable, and the spec gives it another value."),
        "repeated": Code("A list contains an item twice."),
        "reserved-label": Code("The template sets this label itself."),
        "reserved-path": Code("`code.from` names a file or directory that belongs to the build."),
        "reserved-variable": Code("Lambda, the base image or another key of the spec sets this variable."),
        "same-destination": Code("Two model files or downloads have the same destination, or one is inside the other."),
        "secret-variable": Code("A variable's name looks like a secret. Its value is not shown."),
        "stack-too-large": Code("CloudFormation takes a template of this size only from a bucket."),
        "too-few": Code("A list is empty."),
        "too-many": Code("A list or mapping has too many entries, or the environment too many bytes."),
        "unclear-destination": Code("No file name can be derived from `from`. Set `to`."),
        "unfit-base": Code("The base is not for this runtime, or is not pinned for this architecture."),
        "unfit-extension": Code("The standards pin no image of the extension for this architecture."),
        "unfit-file": Code("The package manager does not support this file, or needs another file next to it."),
        "unknown-archive": Code("`extract` is set, but the URL does not end like an archive."),
        "unknown-base": Code("The standards have no base, or no builder, with this name."),
        "unknown-event": Code("The catalogue has no event source with this name."),
        "unknown-extension": Code("The standards have no extension with this name."),
        "unknown-key": Code("The schema has no such key."),
        "unknown-language": Code("The runtime has no language with this name."),
        "unknown-manager": Code("The language has no such package manager."),
        "unknown-name": Code("The value is not one of the allowed ones."),
        "unknown-package": Code("The base's system has no package with this name, which another system has."),
        "unknown-runtime": Code("The catalogue has no runtime with this name."),
        "unknown-system": Code("The catalogue has no system with this name."),
        "unknown-timezone": Code("The catalogue has no time zone with this name."),
        "withdrawn-base": Code("The standards have withdrawn the base. The message or the fix names its successor."),
        "wrong-depth": Code("`context.root` does not go up as many levels as `context.project` goes down."),
        "wrong-type": Code("The value has the wrong type, such as a number instead of a string."),
        "wrong-value": Code("Only one exact value is allowed."),
    },
    "Project findings": {
        "broken-link": Code(
            "A symbolic link in the code leads out of what is copied, or a path of the spec leads through a link: in "
            "the image or in the build it leads to nothing."
        ),
        "drift": Code("A generated file was edited by hand, has the wrong mode, or is not a regular file any more."),
        "foreign-template": Code("Updates of the project would come from another source than that of this template."),
        "left-over": Code("The spec no longer produces this generated file."),
        "missing": Code("A generated file does not exist."),
        "missing-handler": Code(
            "The handler's module is not in the code, or does not define the function. A function that the file may "
            "get in another way, such as `from x import *`, is not missed."
        ),
        "missing-path": Code(
            "Code, a manifest, a local package, a wheel or a certificate that the spec names does not exist. Paths "
            "that git ignores, and lock files that `make lock` writes, may come later."
        ),
        "not-rendered": Code("The project has a spec but was never rendered."),
        "other-version": Code("A file such as `.nvmrc` names another version of the language than the spec."),
        "outdated": Code("The project was rendered by another template or version. Its files were not checked."),
        "refused": Code("A render would overwrite or remove an edit that git does not hold. Nothing was written."),
        "shadowed": Code("A file takes the place of the generated Makefile, or of one of its targets."),
        "stale": Code("The spec was edited after the file was rendered."),
        "unavailable": Code("`models lock` could not download a model file. The others were recorded.", undecided=True),
        "undecided": Code(
            "The command could not reach a result for this project. The message says why.",
            undecided=True,
            waivable=False,
        ),
        "unread-version": Code("A file names a version of the language in a way that is not compared. A note."),
        "unmerged": Code("An update could not be merged with changes in a file. Resolve it manually.", undecided=True),
        "unreadable": Code("The spec, or an option that refers to it, cannot be read.", waivable=False),
    },
    "Rule findings": {
        "deploy-not-allowed": Code("The standards do not allow this way to deploy."),
        "deprecated-runtime": Code(
            "AWS no longer patches the runtime. A warning, unless the standards make it an error."
        ),
        "endless-retries": Code(
            "A stream retries a record that always fails until it expires, and later ones wait. A note."
        ),
        "expired-base": Code("The base's support in the standards has ended (UTC)."),
        "expiring-base": Code("The base's support in the standards ends within 90 days. A warning."),
        "foreign-model-host": Code("A model file comes from a host or a bucket that the standards do not list."),
        "ignored-failures": Code(
            "An event source ignores which items the starter handler reports as failed: they are lost. A warning."
        ),
        "long-timeout": Code(
            "A timeout of more than 900 seconds. Lambda accepts up to 1,800, but not everything that sets or passes on "
            "timeouts does yet. A warning."
        ),
        "missing-boundary": Code("A role of the stack lacks the permissions boundary that the standards require."),
        "missing-label": Code("The standards require a label that the image does not have."),
        "missing-tag": Code("The standards require a tag that a function does not have."),
        "missing-vpc": Code("The standards require a VPC that a function does not have."),
        "public-url": Code("Everyone may call a function, and the standards do not allow it."),
        "stale-base": Code(
            "The standards now have a different image for the base, such as a newer one, or another mirror. For "
            "an image: its layers are those of an earlier version of the base."
        ),
        "stale-extension": Code("The standards now have a different image for an extension, such as a newer one."),
        "uncatalogued-base": Code(
            "A spec, a `FROM` or the lowest layers of an image do not match any base in the standards."
        ),
        "uncatalogued-extension": Code("A spec names an extension that is not in these standards."),
        "unpinned-base": Code(
            "An image without a digest, although the standards have, require or need one. For a project, a note if "
            "nothing requires it."
        ),
        "wildcard-policy": Code("A policy of the stack allows too much for the standards."),
    },
    "Standards findings": {
        "ambiguous-platform": Code("A registry has several images for one platform under one tag."),
        "broken-promise": Code("The image lacks something that the standards declare for the base. It is not pinned."),
        "expired-waiver": Code("A waiver has expired. An error while its finding persists, otherwise a warning."),
        "expiring-waiver": Code("A waiver expires within 14 days. A warning."),
        "future-waiver": Code("A waiver is not valid yet. An error while its finding exists, otherwise a warning."),
        "lost-platform": Code("The standards have a digest for a platform for which the tag no longer has an image."),
        "two-defaults": Code("A runtime has more than one default base."),
        "unapplied-waivers": Code("Without `--repository` it is unknown which waivers for files apply."),
        "unbound-waiver": Code(
            "A waiver must name the content of the file, and names none, or another. It has no effect."
        ),
        "unused-waiver": Code("A waiver matches no finding. A warning."),
        "waiver-scope": Code("The scope of a waiver is not one file in one repository, or one image."),
        "waiver-self-approved": Code("A waiver was approved by the person who requested it."),
        "waiver-too-long": Code("A waiver ends before it starts, or is valid for more than 90 days."),
    },
    "Dockerfile findings": {
        "ambiguous-stage": Code("A stage has the same name as an image in the standards."),
        "base-path": Code("The last stage writes to, mounts over or works in a path that its base has itself."),
        "build-override": Code("A Compose, Bake or SAM file adds to what its Dockerfile says.", undecided=True),
        "forbidden-instruction": Code(
            "An instruction or a flag that no standards can cover: `ADD`, `ONBUILD`, a privilege."
        ),
        "no-base": Code(
            "The last stage is not built on a base in the standards, or a stage is built on a files-only stage."
        ),
        "not-understood": Code("Anything that is not understood with certainty.", undecided=True),
        "shared-cache": Code("The last stage copies a file out of a cache, which any build on the builder can fill."),
        "uncatalogued-digest": Code("The standards have the image, but not with this digest."),
        "uncatalogued-source": Code(
            "`COPY --from` or a mount names neither an image in the standards nor an earlier stage."
        ),
        "unfit-platform": Code("The digest is that of the image for another platform."),
        "unnormalised-name": Code("A non-standard spelling of an image in the standards."),
        "wrong-tag": Code("The tag is not the one that the standards give for the digest."),
    },
    "Image findings": {
        "altered-base": Code("The image changes or removes files of its base."),
        "not-as-planned": Code(
            "Entry point, command, a variable, a label, the directory or the user differs from the plan."
        ),
        "onbuild": Code("The image has ONBUILD triggers, which run in every build based on it."),
        "other-system": Code("The function starts in another root, or the image contains a second system."),
        "other-base": Code("The image is built on a different base from the one in its project's spec."),
        "outdated-image": Code("The image was built from an earlier `lambda-image.yaml` than the project has."),
        "unproved-base": Code(
            "The standards lack the layers of some bases, so the image's base cannot be determined.",
            undecided=True,
            waivable=False,
        ),
        "wrong-platform": Code("The image's platform is not that of its function, or is not supported by Lambda."),
    },
    "Preflight findings": {code: Code(meaning) for code, meaning in image_codes.MEANINGS.items()},
    "Report findings": {
        "too-many-findings": Code("The report is full. The message gives the number of findings left out."),
    },
}
"""Every code by the group under which the reference lists it."""

CODES: Final[Mapping[str, Code]] = {code: row for group in GROUPS.values() for code, row in group.items()}

BY_CONTENT: Final = frozenset(
    {"ambiguous-stage", "base-path", "build-override", "drift", "forbidden-instruction", "not-understood", "shadowed"}
)
"""The codes of findings that may hide anything else in the file: a waiver must name the content of the file."""


def undecided(code: str) -> bool:
    """Return whether a finding with this code ends a run with exit status 3."""
    return CODES[code].undecided


def waivable(code: str) -> bool:
    """Return whether a waiver may apply to findings with this code."""
    return CODES[code].waivable


def anchor(code: str) -> str:
    """Return the name of this code's anchor in docs/reference.md, which SARIF links to."""
    return f"finding-{code}"
