"""Lambda functions, published as versions that are never changed again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import permitted
from bunsui.aws.providers import bulk
from bunsui.aws.providers.bulk_tags import BulkTags
from bunsui.aws.providers.observed import observed, written
from bunsui.aws.providers.tags import TAG_SHA, TAG_VERSION, check_ours, tag_change, users_own
from bunsui.errors import Conflict, InvalidInput, Missing
from bunsui.model.resource import TAG_CODE, ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written
from bunsui.ports.packaging import Package, Packager

OUTSIDE = "outside:"
"""Begins the code digest of a function whose code is not what bunsui uploaded; Lambda's CodeSha256 follows."""

_CONFIGURATION = ("runtime", "handler", "memory_mb", "timeout_seconds", "role_arn", "environment", "log_group")
_WAIT_SECONDS = 0.25
_WAIT_ATTEMPTS = 480


class LambdaFunctionProvider:
    """Functions. Reads: ListFunctions and GetResources pages, then ListTags where these do not settle the tags.

    Tags remember the digest of the code folder, the CodeSha256 and the version of the last upload, so that neither the code nor
    the list of versions has to be fetched to know what runs."""

    kind = "lambda_function"

    def __init__(self, connection: Connection, packager: Packager) -> None:
        """Make it on a connection; `packager` is asked for a package only by a write that needs one."""
        self._connection = connection
        self._packager = packager

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Give the functions whose name begins as the scope's do, and those that bear a wanted name.

        With suspects, only these are asked for their tags."""
        prefix = bulk.name_prefix(scope)
        names = {resource.physical_name for resource in wanted if resource.address.kind == self.kind}
        pages = permitted(lambda: self._connection.pages("lambda", "list_functions", "Functions"))
        functions = {
            str(function["FunctionName"]): function
            for function in pages or ()
            if function["FunctionName"].startswith(prefix) or function["FunctionName"] in names
        }

        only = bulk.surveyed(self.kind, scope, applied, suspects) if pages is not None else None
        known = BulkTags(
            self._connection, kind=self.kind, resource_type="lambda:function", scope=scope, wanted=wanted, only=only
        )

        def settled(name: str) -> Mapping[str, str] | None:
            """Give the tags where they tell what runs; None where the function itself has to be asked."""
            tags = known.of(name, _unqualified(functions[name]))
            says = tags is not None and TAG_VERSION in tags and tags.get(TAG_SHA) == functions[name]["CodeSha256"]
            return tags if says else None

        def read_one(address: Address, name: str) -> ActualResource | None:
            if name not in functions:
                return self.read(address, name)
            arn = _unqualified(functions[name])
            if only is not None and only.trusts(name):
                trusted = {**(only.tags(name) or {}), **_marks(only.written[name])}
                return only.seen(name, self._observed(address, functions[name], trusted))
            tags = settled(name)
            if tags is None:
                try:
                    with self._connection.translated("lambda", "ListTags", function=name):
                        tags = dict(self._connection.reader("lambda").list_tags(Resource=arn).get("Tags", {}))
                except Missing:
                    return None
            return self._observed(address, functions[name], tags)

        return bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=wanted,
            written=bulk.written_before(self.kind, applied),
            listed=None if pages is None else functions,
            beyond=lambda name: False,
            read_one=read_one,
            is_at_hand=lambda name: name in functions and settled(name) is not None,
        )

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Give the function of that name, None when it does not exist."""
        try:
            with self._connection.translated("lambda", "GetFunction", function=physical_name):
                answer = self._connection.reader("lambda").get_function(FunctionName=physical_name)
        except Missing:
            return None
        return self._observed(address, answer["Configuration"], answer.get("Tags", {}))

    def create(self, resource: ResolvedResource) -> Written:
        """Upload the package, make the function with its tags, and publish its first version."""
        name = resource.physical_name
        attributes: Mapping[str, Any] = resource.attributes
        package = self._package(resource)
        try:
            with self._connection.translated("lambda", "CreateFunction", function=name):
                function = self._connection.writer("lambda").create_function(
                    FunctionName=name,
                    PackageType="Zip",
                    Code={"ZipFile": package.zip_bytes},
                    Architectures=[attributes["architecture"]],
                    Publish=True,
                    Tags={**resource.tags, TAG_CODE: attributes["code_digest"], TAG_SHA: package.sha256_base64},
                    **_configuration(attributes),
                )
        except Conflict:
            actual = self.read(resource.address, name)
            if actual is None:
                raise
            check_ours(actual.tags, resource.tags, name)
            return self.update(resource, actual)
        version = str(function["Version"])
        self._wait("function_active_v2", name, version)
        self._remember(_unqualified(function), {TAG_VERSION: version})
        return written(resource, _outputs(_unqualified(function), version, package.sha256_base64))

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Upload the code if it differs, write the configuration if it differs, then publish; older versions are kept."""
        name = resource.physical_name
        after: Mapping[str, Any] = resource.attributes
        before = actual.attributes
        client = self._connection.writer("lambda")
        sha = actual.outputs["code_sha256"]
        if any(before.get(key) != after[key] for key in ("code_digest", "architecture")):
            package = self._package(resource)
            sha = package.sha256_base64
            with self._connection.translated("lambda", "UpdateFunctionCode", function=name):
                client.update_function_code(
                    FunctionName=name, ZipFile=package.zip_bytes, Architectures=[after["architecture"]], Publish=False
                )
            self._wait("function_updated_v2", name)
        if any(before.get(key) != after[key] for key in _CONFIGURATION):
            with self._connection.translated("lambda", "UpdateFunctionConfiguration", function=name):
                client.update_function_configuration(FunctionName=name, **_configuration(after))
            self._wait("function_updated_v2", name)
        with self._connection.translated("lambda", "PublishVersion", function=name):
            answer = client.publish_version(FunctionName=name, CodeSha256=sha, Description=published_by(resource))
            version = str(answer["Version"])
        self._wait("function_active_v2", name, version)
        wanted = {**resource.tags, TAG_CODE: after["code_digest"], TAG_SHA: sha, TAG_VERSION: version}
        change = tag_change(actual.tags, wanted)
        arn = actual.outputs["arn"]
        if change.removed:
            with self._connection.translated("lambda", "UntagResource", function=name):
                client.untag_resource(Resource=arn, TagKeys=list(change.removed))
        self._remember(arn, change.added)
        return written(resource, _outputs(arn, version, sha))

    def delete(self, actual: ActualResource) -> None:
        """Remove the function with its versions; success when it is already gone."""
        try:
            with self._connection.translated("lambda", "DeleteFunction", function=actual.physical_name):
                self._connection.writer("lambda").delete_function(FunctionName=actual.physical_name)
        except Missing:
            return

    def _observed(self, address: Address, function: Mapping[str, Any], tags: Mapping[str, str]) -> ActualResource:
        name = str(function["FunctionName"])
        sha = str(function["CodeSha256"])
        ours = TAG_CODE in tags and tags.get(TAG_SHA) == sha
        arn = _unqualified(function)
        version = tags.get(TAG_VERSION) or self._newest_version(name)
        return observed(
            address,
            name,
            attributes={
                "runtime": str(function.get("Runtime", "")),
                "handler": str(function.get("Handler", "")),
                "memory_mb": int(function.get("MemorySize", 128)),
                "timeout_seconds": int(function.get("Timeout", 3)),
                "architecture": str((function.get("Architectures") or ["x86_64"])[0]),
                "role_arn": str(function["Role"]),
                "environment": dict(function.get("Environment", {}).get("Variables", {})),
                "code_digest": tags[TAG_CODE] if ours else f"{OUTSIDE}{sha}",
                "log_group": str(function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"),
                "tags": users_own(tags),
            },
            outputs=_outputs(arn, version, sha),
            tags=tags,
        )

    def _newest_version(self, name: str) -> str:
        """Give the newest published version: asked for only when the tag is missing, as after an apply that died."""
        versions = self._connection.pages("lambda", "list_versions_by_function", "Versions", FunctionName=name)
        return max((str(version["Version"]) for version in versions if version["Version"].isdigit()), key=int, default="")

    def _package(self, resource: ResolvedResource) -> Package:
        if resource.code is None:
            raise InvalidInput(
                "function-without-code", "a function is to be written and its code is not known", address=resource.address
            )
        return self._packager.package(resource.code)

    def _wait(self, waiter: str, name: str, version: str | None = None) -> None:
        qualifier = {"Qualifier": version} if version else {}
        with self._connection.translated("lambda", "GetFunction", function=name, version=version):
            self._connection.reader("lambda").get_waiter(waiter).wait(
                FunctionName=name, WaiterConfig={"Delay": _WAIT_SECONDS, "MaxAttempts": _WAIT_ATTEMPTS}, **qualifier
            )

    def _remember(self, arn: str, tags: Mapping[str, str]) -> None:
        if not tags:
            return
        with self._connection.translated("lambda", "TagResource", function=arn):
            self._connection.writer("lambda").tag_resource(Resource=arn, Tags=dict(tags))


def published_by(resource: ResolvedResource) -> str:
    """Give the description of a version that bunsui publishes, by which it knows its own again."""
    return f"bunsui {resource.address}"[:256]


def _marks(resource: AppliedResource) -> dict[str, str]:
    """Give what the function's own tags remember of its last upload."""
    return {
        TAG_CODE: str(resource.attributes["code_digest"]),
        TAG_SHA: resource.outputs.get("code_sha256", ""),
        TAG_VERSION: resource.outputs.get("version", ""),
    }


def _configuration(attributes: Mapping[str, Any]) -> dict[str, object]:
    return {
        "Runtime": attributes["runtime"],
        "Handler": attributes["handler"],
        "MemorySize": attributes["memory_mb"],
        "Timeout": attributes["timeout_seconds"],
        "Role": attributes["role_arn"],
        "Environment": {"Variables": dict(attributes["environment"])},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": attributes["log_group"]},
    }


def _outputs(arn: str, version: str, sha: str) -> dict[str, str]:
    outputs = {"arn": arn, "code_sha256": sha}
    if version:
        outputs |= {"version": version, "version_arn": f"{arn}:{version}"}
    return outputs


def _unqualified(function: Mapping[str, Any]) -> str:
    """Give the function's ARN without a version, which some answers append."""
    return ":".join(str(function["FunctionArn"]).split(":")[:7])
