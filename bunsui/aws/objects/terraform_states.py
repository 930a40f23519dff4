"""States of Terraform that lie in buckets of S3: its `s3` backend.

Source: https://developer.hashicorp.com/terraform/language/backend/s3
"""

from __future__ import annotations

from bunsui.aws.connect import Connection
from bunsui.aws.errors import aws_code
from bunsui.errors import InvalidInput, Missing
from bunsui.ports.machines import TERRAFORM_STATE_BYTES


class AwsTerraformStateReader:
    """Implements `bunsui.ports.machines.TerraformStateReader`: GetObject. The bucket is the user's to name, so that no policy
    of bunsui names it: the caller needs s3:GetObject on the object, and kms:Decrypt where a key encrypts it."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def state_in(self, bucket: str, key: str) -> bytes | None:
        """Return the object's bytes; None where there is none."""
        try:
            with self._connection.translated("s3", "GetObject", bucket=bucket, key=key):
                body = self._connection.reader("s3").get_object(Bucket=bucket, Key=key)["Body"]
                content: bytes = body.read(TERRAFORM_STATE_BYTES + 1)
                body.close()
        except Missing as error:
            if aws_code(error) != "NoSuchKey":
                raise
            return None
        if len(content) > TERRAFORM_STATE_BYTES:
            raise InvalidInput(
                "terraform-state-too-large",
                f"the state is larger than {TERRAFORM_STATE_BYTES // 1_048_576} MiB, and is not read",
                hint="Name what you need of it in another way: by its ARN, or by a parameter, ${ssm:/path}.",
                bucket=bucket,
                key=key,
            )
        return content
