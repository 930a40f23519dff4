"""The table of task tokens under a key of its own, made once in each region of an account by the first apply that needs it.

A customer managed key, since the keys of AWS's own would open the table for whoever may read any table: AWS's policy
ReadOnlyAccess, for one, reads items of every table, and decrypts with no key of the account's.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
"""

from __future__ import annotations

from contextlib import suppress

from bunsui.aws.connect import Connection
from bunsui.aws.dynamodb import EXPIRES_AT
from bunsui.errors import AccessDenied, Conflict, Missing
from bunsui.model.gates import APPROVALS_KEY, APPROVALS_TABLE

_WAIT = {"Delay": 1, "MaxAttempts": 60}
_TAG = "bunsui:purpose"
_PURPOSE = "approvals"


class AwsApprovalsTable:
    """Implements `bunsui.ports.gates.ApprovalsTable`."""

    def __init__(self, connection: Connection, *, table: str = APPROVALS_TABLE, key: str = APPROVALS_KEY) -> None:
        """Make it on a connection."""
        self._connection = connection
        self._table = table
        self._key = key

    def ensure(self) -> bool:
        """Make key and table when they are not there; True when the table was made. In either case it is ready.

        A key that somebody gave the alias is used as it is."""
        try:
            with self._connection.translated("dynamodb", "DescribeTable", table=self._table):
                found = self._connection.reader("dynamodb").describe_table(TableName=self._table)
        except Missing:
            return self._create()
        if found["Table"].get("TableStatus") == "CREATING":
            self._wait_until_there()  # somebody else makes it this moment
        return False

    def _create(self) -> bool:
        key = self.key_arn() or self.create_key()
        try:
            with self._connection.translated("dynamodb", "CreateTable", table=self._table):
                self._connection.writer("dynamodb").create_table(
                    TableName=self._table,
                    BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
                    KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                    SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
                    Tags=[{"Key": _TAG, "Value": _PURPOSE}],
                )
        except Conflict:
            self._wait_until_there()  # somebody else made it this moment
            return False
        self._wait_until_there()
        with suppress(AccessDenied), self._connection.translated("dynamodb", "UpdateTimeToLive", table=self._table):
            self._connection.writer("dynamodb").update_time_to_live(
                TableName=self._table, TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRES_AT}
            )
        return True

    def key_arn(self) -> str | None:
        """Return the ARN of the key that has the alias; None when none has."""
        try:
            with self._connection.translated("kms", "DescribeKey", key=self._key):
                answer = self._connection.reader("kms").describe_key(KeyId=self._key)
        except Missing:
            return None
        return str(answer["KeyMetadata"]["Arn"])

    def create_key(self) -> str:
        """Make a key with its alias. Its policy is the default: IAM of the account says who may use it."""
        with self._connection.translated("kms", "CreateKey"):
            made = self._connection.writer("kms").create_key(
                Description="bunsui: task tokens of approvals, in the table bunsui-approvals",
                Tags=[{"TagKey": _TAG, "TagValue": _PURPOSE}],
            )["KeyMetadata"]
        try:
            with self._connection.translated("kms", "CreateAlias", key=self._key):
                self._connection.writer("kms").create_alias(AliasName=self._key, TargetKeyId=made["KeyId"])
        except Conflict:
            theirs = self.key_arn()  # somebody else made one this moment, whose alias stands
            return theirs or str(made["Arn"])
        return str(made["Arn"])

    def _wait_until_there(self) -> None:
        with self._connection.translated("dynamodb", "DescribeTable", table=self._table):
            self._connection.reader("dynamodb").get_waiter("table_exists").wait(TableName=self._table, WaiterConfig=_WAIT)
