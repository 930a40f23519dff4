"""Names of the AWS SDK for Java, on which Step Functions is built: of members, of services in errors, of errors.

Members and the errors of SDK integrations are named as version 2.x names them, the errors of optimised ones as version 1 does.
Sources: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html; the naming strategies of the code
generators, `getExceptionName` in https://github.com/aws/aws-sdk-java-v2 and https://github.com/aws/aws-sdk-java.
"""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def java_name(name: str) -> str:
    """Return the name of a member or a service as the AWS SDK for Java 2.x has it, capitalised."""
    return "EqualsValue" if name == "Equals" else "".join(word[0].upper() + word[1:].lower() for word in _WORDS.findall(name))


def java_service(service_id: str) -> str:
    """Return what names of errors begin with in the SDK integrations, by the `serviceId` of a model: the
    column "Exception prefix" of the developer guide."""
    named = re.sub(r"^IoT\b(?=$| )", "Iot", service_id.removesuffix(" Service"))
    return {"MemoryDB": "MemoryDB", "SESv2": "SesV2"}.get(named) or java_name(named)


def java_error(name: str) -> str:
    """Return what the AWS SDK for Java 2.x calls an error of a model: a class whose name ends with Exception."""
    return f"{java_name(name.removesuffix('Fault').removesuffix('Exception'))}Exception"


def first_java_error(name: str) -> str:
    """Return what version 1 calls an error of a model: its own letters, with Exception at the end."""
    bare = name.removesuffix("Fault").removesuffix("Exception")
    return f"{bare[0].upper()}{bare[1:]}Exception"
