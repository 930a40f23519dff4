"""What distributed Maps ask: objects of S3, rights of their role; out of the journal when an execution is run again.

What was read is kept in the journal, since it may be another thing by then; what was written is not written again.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bunsui.aws.service_calls import ServiceAnswer, ServiceFailure, UnusableArguments
from bunsui.emulator.stepfunctions.roles import Roles
from bunsui.emulator.stepfunctions.store.arns import Location
from bunsui.emulator.stepfunctions.tasks.services import Services
from bunsui.engine.distributed.objects import Listed, ObjectFailure
from bunsui.model.json import Json

_JUDGED = "judged"


class JournaledObjects:
    """Implements `bunsui.engine.distributed.objects.Objects`."""

    def __init__(
        self, services: Services, location: Location, *, role_arn: str, roles: Roles, note: Callable[[list[Any]], None]
    ) -> None:
        """S3 is asked in a session of the role, which `roles` judges. `note` keeps what came of each call, for `replay`."""
        self._services = services
        self._place = location
        self._role_arn = role_arn
        self._roles = roles
        self._note = note
        self.is_live = False
        """False while an execution is run again: then nobody is asked whether something may be done that was done."""
        self._known: list[list[Any]] = []

    def replay(self, known: Sequence[list[Any]]) -> None:
        """Answer the next calls with these, in order, instead of asking S3."""
        self._known = list(known)

    def read(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Return an object's body. Raises ObjectFailure."""
        request: dict[str, Json] = {"Bucket": bucket, "Key": key, **({"VersionId": version} if version else {})}

        def read() -> str:
            return base64.b64encode(self._raw(request)).decode()

        return base64.b64decode(self._once(read))

    def list(self, bucket: str, prefix: str) -> Sequence[Listed]:
        """Return the objects whose keys begin so. Raises ObjectFailure."""

        def pages() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            token: Json = None
            while True:
                more = {"ContinuationToken": token} if token else {}
                answer: Any = self._call("listObjectsV2", {"Bucket": bucket, "Prefix": prefix, **more}).output
                found += answer.get("Contents") or []
                token = answer.get("NextContinuationToken")
                if not token:
                    return found

        return [
            Listed(
                key=entry["Key"],
                size=entry["Size"],
                etag=entry["ETag"],
                modified=datetime.fromisoformat(entry["LastModified"]).astimezone(UTC),
                storage_class=entry.get("StorageClass", "STANDARD"),
            )
            for entry in self._once(pages)
        ]

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Store an object. Raises ObjectFailure."""

        def write() -> bool:
            self._call("putObject", {"Bucket": bucket, "Key": key, "Body": body.decode()})
            return True

        self._once(write)

    def refusal(self, action: str, resource: str) -> str:
        """Return AWS's words for what the role does not permit; empty where it does. Of a journal in which it does not stand,
        written before anybody asked, it was permitted."""
        if self._known and self._known[0][0] == _JUDGED:
            return str(self._known.pop(0)[1])
        if not self.is_live:
            return ""
        facts: Mapping[str, Sequence[str]] = {"states:statemachinequalifier": []}
        words = self._roles.refusal(self._role_arn, self._place.account, action, resource, facts)
        told = f"{words} (Service: AWSStepFunctions; Status Code: 400; Error Code: AccessDeniedException; Proxy: null)"
        self._note([_JUDGED, told if words else ""])
        return told if words else ""

    def _once(self, work: Callable[[], Any]) -> Any:
        if self._known:
            entry = self._known.pop(0)
        else:
            try:
                entry = ["ok", work()]
            except ObjectFailure as failure:
                entry = ["failed", str(failure)]
            self._note(entry)
        if entry[0] == "failed":
            raise ObjectFailure(entry[1])
        return entry[1]

    def _raw(self, request: dict[str, Json]) -> bytes:
        return self._call("getObject", request).body

    def _call(self, action: str, request: dict[str, Json]) -> ServiceAnswer:
        try:
            at = self._place
            return self._services.call(
                "s3", action, request, account=at.account, region=at.region, role_arn=self._role_arn, keep_names=True
            )
        except (ServiceFailure, UnusableArguments) as problem:
            raise ObjectFailure(str(problem)) from problem
