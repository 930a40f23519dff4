"""Lambda functions, published as versions that are never changed again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.aws.grants import Grant, Purpose
from bunsui.aws.objects import bulk
from bunsui.aws.objects.bulk_tags import BulkTags
from bunsui.aws.objects.function_settings import SEPARATE, observed_settings, setting, settings_differ, settings_request
from bunsui.aws.objects.function_versions import publish_version
from bunsui.aws.objects.observed import observed_resource, written
from bunsui.aws.objects.tags import TAG_SHA, TAG_VERSION, check_ours, seen_later, tag_change, users_own
from bunsui.aws.providers.parts import ProviderParts
from bunsui.errors import Conflict, InvalidInput, Missing
from bunsui.kinds.naming import name_prefix
from bunsui.model.address import Address
from bunsui.model.resource import TAG_CODE, ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written
from bunsui.ports.packaging import Package, Packager

OUTSIDE = "outside:"
"""Begins the code digest of a function whose code is not what bunsui uploaded; Lambda's CodeSha256 follows."""

_CONFIGURATION = ("runtime", "handler", "memory_mb", "timeout_seconds", "role_arn", "environment", "log_group")
_WAIT_SECONDS = 0.25
_WAIT_ATTEMPTS = 480
_NETWORK_WAIT_SECONDS = 1
_NETWORK_WAIT_ATTEMPTS = 900
"""A function that reaches into a VPC waits minutes for its network interfaces (developer guide, "Lambda function states")."""

GRANTS = (
    Grant(sid="FunctionsList", purpose=Purpose.PLAN, service="lambda", operations=("ListFunctions",)),
    Grant(
        sid="FunctionsRead",
        purpose=Purpose.PLAN,
        service="lambda",
        operations=("GetFunction", "GetFunctionConcurrency", "ListAliases", "ListTags", "ListVersionsByFunction"),
        on=("lambda:function:{names}",),
    ),
    Grant(
        sid="FunctionsWrite",
        purpose=Purpose.APPLY,
        service="lambda",
        operations=(
            "CreateFunction",
            "DeleteFunction",
            "DeleteFunctionConcurrency",
            "PublishVersion",
            "PutFunctionConcurrency",
            "TagResource",
            "UntagResource",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
        ),
        actions={
            "CreateFunction": ("CreateFunction", "TagResource", "PublishVersion"),
            "UpdateFunctionCode": ("UpdateFunctionCode", "PublishVersion"),
        },
        on=("lambda:function:{names}",),
    ),
    Grant(
        sid="FunctionLayers",
        purpose=Purpose.APPLY,
        service="lambda",
        operations=("GetLayerVersion",),
        on=("lambda:layer:*:*",),
        optional="a function with layers cannot be written",
    ),
    Grant(
        sid="FunctionNetworks",
        purpose=Purpose.APPLY,
        service="ec2",
        operations=("DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"),
        optional="a function with a network cannot be written",
    ),
    Grant(
        sid="FunctionKeys",
        purpose=Purpose.APPLY,
        service="kms",
        operations=("CreateGrant", "Decrypt", "Encrypt"),
        condition={"StringEquals": {"kms:ViaService": "lambda.{region}.amazonaws.com"}},
        optional="a function with a kms_key cannot be written",
    ),
)
"""What the caller must be allowed on the kind."""


def provider(parts: ProviderParts) -> LambdaFunctionProvider:
    """Return the kind's provider."""
    return LambdaFunctionProvider(parts.connection, parts.packager)


class LambdaFunctionProvider:
    """Functions. Reads: ListFunctions and GetResources pages, then ListTags where these do not settle the tags.

    Tags remember the digest of the code folder, the CodeSha256 and the version of the last upload, so that neither the code nor
    the list of versions has to be fetched to know what runs."""

    kind = "lambda_function"

    def __init__(self, connection: Connection, packager: Packager) -> None:
        """Make it on a connection; `packager` is asked for a package only by a write that needs one."""
        self._connection = connection
        self._packager = packager
        self._reserving: set[str] | None = None
        """Names of functions for which bunsui sets calls aside, once that is known: of others nothing is compared, so that one
        read tells what another does."""
        self._ready: dict[Address, Package] = {}
        """Packages whose size was told and that are about to be sent, so that none is built twice."""

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Return the functions whose name begins as the scope's do, and those that bear a wanted name.

        With suspects, only these are asked for their tags."""
        prefix = name_prefix(scope)
        names = {resource.physical_name for resource in wanted if resource.address.kind == self.kind}
        pages = none_unless_permitted(lambda: self._connection.pages("lambda", "list_functions", "Functions"))
        functions = {
            str(function["FunctionName"]): function
            for function in pages or ()
            if function["FunctionName"].startswith(prefix) or function["FunctionName"] in names
        }

        only = bulk.survey_of(self.kind, scope, applied, suspects) if pages is not None else None
        known = BulkTags(
            self._connection, kind=self.kind, resource_type="lambda:function", scope=scope, wanted=wanted, only=only
        )

        def settled(name: str) -> Mapping[str, str] | None:
            """Return the tags where they tell what runs; None where the function itself has to be asked."""
            tags = known.of(name, _unqualified_arn(functions[name]))
            says = tags is not None and TAG_VERSION in tags and tags.get(TAG_SHA) == functions[name]["CodeSha256"]
            return tags if says else None

        said: list[DesiredResource | AppliedResource] = [*wanted, *applied.values()]
        asked = self._reserving = {
            one.physical_name for one in said if one.address.kind == self.kind and one.attributes.get(SEPARATE) is not None
        }

        def read_one(address: Address, name: str) -> ActualResource | None:
            if name not in functions:
                return self.read(address, name)
            reserved = self._reservation_of(name) if name in asked else None
            arn = _unqualified_arn(functions[name])
            if only is not None and only.trusts(name):
                trusted = {**(only.tags(name) or {}), **_marks(only.written[name])}
                return only.seen(name, self._observe(address, functions[name], trusted, reserved))
            tags = settled(name)
            if tags is None:
                try:
                    with self._connection.translated("lambda", "ListTags", function=name):
                        tags = dict(self._connection.reader("lambda").list_tags(Resource=arn).get("Tags", {}))
                except Missing:
                    return None
            return self._observe(address, functions[name], tags, reserved)

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
        """Return the function of that name, None when it does not exist."""
        try:
            with self._connection.translated("lambda", "GetFunction", function=physical_name):
                answer = self._connection.reader("lambda").get_function(FunctionName=physical_name)
        except Missing:
            return None
        is_asked = self._reserving is None or physical_name in self._reserving
        amount = answer.get("Concurrency", {}).get("ReservedConcurrentExecutions") if is_asked else None
        return self._observe(address, answer["Configuration"], answer.get("Tags", {}), None if amount is None else int(amount))

    def upload_bytes(self, resource: ResolvedResource, actual: ActualResource | None) -> int:
        """Return the size of the package that the write will send; 0 when the code is as it should be."""
        if actual is not None and not _has_other_code(resource, actual):
            return 0
        package = self._ready[resource.address] = self._package(resource)
        return len(package.zip_bytes)

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
                    Description=published_by(resource),  # the first version has its function's
                    Publish=True,
                    Tags={**resource.tags, TAG_CODE: attributes["code_digest"], TAG_SHA: package.sha256_base64},
                    **_configuration(attributes, {}),
                )
        except Conflict as error:
            actual = self.read(resource.address, name)
            if actual is None:
                seen_later(error)
                raise
            check_ours(actual, resource.tags)
            return self.update(resource, actual)
        version = str(function["Version"])
        self._wait("function_active_v2", name, attributes, version)
        self._reserve(name, attributes, {})
        self._remember(_unqualified_arn(function), {TAG_VERSION: version})
        return written(resource, _outputs(_unqualified_arn(function), version, package.sha256_base64))

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Upload the code if it differs, write the configuration if it differs, then publish; older versions are kept."""
        name = resource.physical_name
        after: Mapping[str, Any] = resource.attributes
        before = actual.attributes
        client = self._connection.writer("lambda")
        sha = actual.outputs["code_sha256"]
        if _has_other_code(resource, actual):
            package = self._package(resource)
            sha = package.sha256_base64
            with self._connection.translated("lambda", "UpdateFunctionCode", function=name):
                client.update_function_code(
                    FunctionName=name, ZipFile=package.zip_bytes, Architectures=[after["architecture"]], Publish=False
                )
            self._wait("function_updated_v2", name, after)
        if any(before.get(key) != after[key] for key in _CONFIGURATION) or settings_differ(before, after):
            with self._connection.translated("lambda", "UpdateFunctionConfiguration", function=name):
                client.update_function_configuration(FunctionName=name, **_configuration(after, before))
            self._wait("function_updated_v2", name, after)
        version = publish_version(
            self._connection,
            name,
            sha=sha,
            description=published_by(resource),
            released=actual.outputs.get("version", ""),
            settle=lambda: self._wait("function_updated_v2", name, after),
        )
        self._wait("function_active_v2", name, after, version)
        self._reserve(name, after, before)
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

    def _reserve(self, name: str, after: Mapping[str, Any], before: Mapping[str, Any]) -> None:
        """Set calls aside for the function, or give them back. An apply that ends before it leaves a difference to the next."""
        wanted, given = setting(after, SEPARATE), setting(before, SEPARATE)
        if wanted is not None and self._reserving is not None:
            self._reserving.add(name)
        if wanted == given:
            return
        client = self._connection.writer("lambda")
        if wanted is None:
            with self._connection.translated("lambda", "DeleteFunctionConcurrency", function=name):
                client.delete_function_concurrency(FunctionName=name)
            return
        with self._connection.translated("lambda", "PutFunctionConcurrency", function=name):
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=wanted)

    def _reservation_of(self, name: str) -> int | None:
        """Return what is set aside for a function, which no list tells; None too when the function went meanwhile."""
        try:
            with self._connection.translated("lambda", "GetFunctionConcurrency", function=name):
                answer = self._connection.reader("lambda").get_function_concurrency(FunctionName=name)
        except Missing:
            return None
        amount = answer.get("ReservedConcurrentExecutions")
        return None if amount is None else int(amount)

    def _observe(
        self, address: Address, function: Mapping[str, Any], tags: Mapping[str, str], reserved: int | None
    ) -> ActualResource:
        name = str(function["FunctionName"])
        sha = str(function["CodeSha256"])
        ours = TAG_CODE in tags and tags.get(TAG_SHA) == sha
        arn = _unqualified_arn(function)
        version = tags.get(TAG_VERSION) or self._newest_version(name)
        return observed_resource(
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
                **observed_settings(function),
                **({} if reserved is None else {SEPARATE: reserved}),
            },
            outputs=_outputs(arn, version, sha),
            tags=tags,
        )

    def _newest_version(self, name: str) -> str:
        """Return the newest published version: asked for only when the tag is missing, as after an apply that died."""
        versions = self._connection.pages("lambda", "list_versions_by_function", "Versions", FunctionName=name)
        return max((str(version["Version"]) for version in versions if version["Version"].isdigit()), key=int, default="")

    def _package(self, resource: ResolvedResource) -> Package:
        if (ready := self._ready.pop(resource.address, None)) is not None:
            return ready
        if resource.code is None:
            raise InvalidInput(
                "function-without-code", "a function is to be written and its code is not known", address=resource.address
            )
        return self._packager.package(resource.code)

    def _wait(self, waiter: str, name: str, attributes: Mapping[str, Any], version: str | None = None) -> None:
        qualifier = {"Qualifier": version} if version else {}
        in_network = bool(setting(attributes, "subnets"))
        delay = _NETWORK_WAIT_SECONDS if in_network else _WAIT_SECONDS
        attempts = _NETWORK_WAIT_ATTEMPTS if in_network else _WAIT_ATTEMPTS
        with self._connection.translated("lambda", "GetFunction", function=name, version=version):
            self._connection.reader("lambda").get_waiter(waiter).wait(
                FunctionName=name, WaiterConfig={"Delay": delay, "MaxAttempts": attempts}, **qualifier
            )

    def _remember(self, arn: str, tags: Mapping[str, str]) -> None:
        if not tags:
            return
        with self._connection.translated("lambda", "TagResource", function=arn):
            self._connection.writer("lambda").tag_resource(Resource=arn, Tags=dict(tags))


def _has_other_code(resource: ResolvedResource, actual: ActualResource) -> bool:
    return any(actual.attributes.get(key) != resource.attributes[key] for key in ("code_digest", "architecture"))


def published_by(resource: ResolvedResource) -> str:
    """Return the description of a version that bunsui publishes, by which it knows its own again."""
    return f"bunsui {resource.address}"[:256]


def _marks(resource: AppliedResource) -> dict[str, str]:
    """Return what the function's own tags remember of its last upload."""
    return {
        TAG_CODE: str(resource.attributes["code_digest"]),
        TAG_SHA: resource.outputs.get("code_sha256", ""),
        TAG_VERSION: resource.outputs.get("version", ""),
    }


def _configuration(attributes: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, object]:
    return {
        **settings_request(attributes, before),
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


def _unqualified_arn(function: Mapping[str, Any]) -> str:
    """Return the function's ARN without a version, which some answers append."""
    return ":".join(str(function["FunctionArn"]).split(":")[:7])
