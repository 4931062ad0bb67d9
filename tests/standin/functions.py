"""Functions that are images: their digests, their versions, and responses from a real emulator.

Invoke is sent on to the runtime interface emulator at the port that the JSON file STANDIN_EMULATORS names for
"FUNCTION:VERSION". For others, the version's image is started, from the first registry of STANDIN_REGISTRY. Functions
whose names end in -idle were not called for weeks: Lambda refuses their first event, and makes them ready.
"""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from moto.awslambda import models, responses, urls
from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.core.utils import unix_time_millis
from moto.ecr.models import ecr_backends

Function = models.LambdaFunction
plain = {name: getattr(Function, name) for name in ("__init__", "_set_function_code", "get_code", "get_configuration")}
plain_invoke = responses.LambdaResponse.invoke
plain_update = Function.update_configuration
plain_publish = models.LambdaStorage.publish_version
YOUNG = re.compile(r"(Role-[0-9A-F]{12}|-seconds-old)$")
"""Roles that Lambda does not know at first: those of stacks, and those whose names say so."""
PENDING = "Lambda is initializing your function. It will be ready to invoke shortly."
refused: dict[str, int] = {}
states: dict[str, str] = {}


def install() -> None:
    signal.signal(signal.SIGTERM, stop)
    name = r"{0}/2019-09-30/functions/(?P<function_name>[^/]+)/provisioned-concurrency"
    urls.url_paths[name] = no_provisioned_concurrency
    Function.__init__ = create
    Function._set_function_code = set_code
    responses.LambdaResponse.invoke = invoke_action
    Function.get_code = code
    Function.get_configuration = configuration
    Function.update_configuration = update
    Function.invoke = invoke
    models.LambdaStorage.publish_version = publish


def no_provisioned_concurrency(*_: Any, **__: Any) -> tuple[int, dict[str, str], str]:
    kind = "ProvisionedConcurrencyConfigNotFoundException"
    return 404, {"x-amzn-errortype": kind}, json.dumps({"Message": "No Provisioned Concurrency Config found"})


def invoke_action(self: Any) -> Any:
    """moto looks for the qualifier under another name."""
    self.querystring["qualifier"] = self.querystring.get("Qualifier")
    return plain_invoke(self)


def create(self: Any, account_id: str, spec: dict[str, Any], region: str, version: Any = 1) -> None:
    role = spec["Role"]
    if YOUNG.search(role) and refused.setdefault(role, 0) < 2:
        refused[role] += 1
        msg = "The role defined for the function cannot be assumed by Lambda."
        raise InvalidParameterValueException(msg)
    self.more = {key: spec[key] for key in ("LoggingConfig", "SnapStart") if key in spec}
    self.published = 0
    plain["__init__"](self, account_id, spec, region, version)


def set_code(self: Any, given: dict[str, Any]) -> None:
    """An image by its digest, which ECR must have, if it has the repository at all."""
    if "ImageUri" not in given:
        plain["_set_function_code"](self, given)
        return
    name, _, digest = given["ImageUri"].partition("@")
    repository = ecr_backends[self.account_id][self.region].repositories.get(name.partition("/")[2])
    if repository and digest not in {image.image_digest for image in repository.images}:
        msg = f"Source image {given['ImageUri']} does not exist. Provide a valid source image."
        raise InvalidParameterValueException(msg)
    # A copy: versions share the mapping.
    self.code = {**self.code, "ImageUri": given["ImageUri"]}
    self.code_sha_256, self.code_size = digest.removeprefix("sha256:"), 0


def code(self: Any) -> dict[str, Any]:
    found: dict[str, Any] = plain["get_code"](self)
    uri = self.code.get("ImageUri", "")
    if uri:
        found["Code"]["ResolvedImageUri"] = f"{uri.partition('@')[0]}@sha256:{self.code_sha_256}"
    return found


def configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = plain["get_configuration"](self, on_create)
    if "SnapStart" in self.more:
        found["SnapStart"] = {**self.more["SnapStart"], "OptimizationStatus": "Off"}
    if self.function_arn in states:
        found["State"] = states[self.function_arn]
        states[self.function_arn] = "Active"
    return found | {"LoggingConfig": log_group_of(self)}


def log_group_of(function: Any) -> dict[str, str]:
    return {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"} | function.more.get(
        "LoggingConfig", {}
    )


def update(self: Any, changes: dict[str, Any]) -> Any:
    self.more = self.more | {key: changes[key] for key in self.more if key in changes}
    return plain_update(self, changes)


def publish(self: Any, name_or_arn: str, description: str = "") -> Any:
    """Numbers go on where a version was deleted, too."""
    latest = self.get_function_by_name_or_arn_forbid_qualifier(name_or_arn)
    before = self._functions[latest.function_name]["versions"]
    known = {id(version) for version in before}
    found = plain_publish(self, name_or_arn, description)
    if found is not None and id(found) not in known:
        latest.published += 1
        del self._arns[found.function_arn]
        found.set_version(latest.published)
        self._arns[found.function_arn] = found
    return found


containers: dict[str, str] = {}


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout.strip()


def started(function: Any) -> str:
    """The port of a container that runs a version as Lambda would: its image, its command, its variables."""
    if function.function_arn not in containers:
        registry, image = os.environ["STANDIN_REGISTRY"].split()[0], function.code["ImageUri"].partition("/")[2]
        variables = [f"--env={name}={value}" for name, value in function.environment_vars.items()]
        command = function.image_config.response().get("Command") or []
        words = ("--detach", "--rm", "--read-only", "--tmpfs=/tmp", "--publish=127.0.0.1::8080", *variables)
        containers[function.function_arn] = docker("run", *words, f"{registry}/{image}", *command)
    port = docker("port", containers[function.function_arn], "8080/tcp").rpartition(":")[2]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.1)
    return port


def stop(*_: object) -> None:
    for container in containers.values():
        docker("rm", "--force", container)
    sys.exit()


def invoke(self: Any, body: Any, _request: Any, response: Any) -> bytes:
    """The response of the emulator that runs this version."""
    if self.function_name.endswith("-idle") and states.get(self.function_arn) != "Active":
        states[self.function_arn] = "Pending"
        raise LambdaClientError("CodeArtifactUserPendingException", PENDING)
    ports = json.loads(Path(os.environ["STANDIN_EMULATORS"]).read_text(encoding="utf-8"))
    port = ports.get(f"{self.function_name}:{self.version}") or started(self)
    address = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
    with urllib.request.urlopen(address, body if isinstance(body, bytes) else str(body).encode()) as answer:
        payload: bytes = answer.read()
    if b'"errorType"' in payload:
        response["x-amz-function-error"] = "Unhandled"
    line = f"REPORT version {self.version}\n"
    response["x-amz-log-result"] = base64.b64encode(line.encode()).decode()
    group = log_group_of(self)["LogGroup"]
    self.logs_backend.ensure_log_group(group)
    if "stream" not in self.logs_backend.groups[group].streams:
        self.logs_backend.create_log_stream(group, "stream")
    events = [{"timestamp": int(unix_time_millis()), "message": line.strip()}]
    self.logs_backend.put_log_events(group, "stream", events)
    return payload
