"""A machine as files that need no bunsui."""

from __future__ import annotations

from bunsui.ports.machines import DescribedMachine
from bunsui.services.adoption.exporting import exported_files

TEXT = '{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "End": true}}}'
WHOLE = """\
# Needs Terraform 1.5 or newer. The first plan imports the machine and changes nothing.
import {
  to = aws_sfn_state_machine.machine_9-to_5
  id = "arn:aws:states:eu-west-1:111111111111:stateMachine:9-to 5"
}

resource "aws_sfn_state_machine" "machine_9-to_5" {
  name       = "9-to 5"
  type       = "STANDARD"
  role_arn   = "arn:aws:iam::111111111111:role/theirs"
  definition = file("${path.module}/9-to 5.asl.json")

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = true
    log_destination        = "arn:aws:logs:eu-west-1:111111111111:log-group:/own:*"
  }

  tracing_configuration {
    enabled = true
  }

  encryption_configuration {
    type       = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id = "arn:aws:kms:eu-west-1:111111111111:key/1"
  }

  tags = {
    "a" = "$${x} %%{y} \\"z\\""
  }
}
"""


def machine(**more: object) -> DescribedMachine:
    plain = {
        "arn": "arn:aws:states:eu-west-1:111111111111:stateMachine:9-to 5",
        "name": "9-to 5",
        "is_express": False,
        "definition": TEXT,
        "role_arn": "arn:aws:iam::111111111111:role/theirs",
    }
    return DescribedMachine(**{**plain, **more})  # type: ignore[arg-type]


def test_all_that_aws_has_of_a_machine_is_in_its_terraform() -> None:
    whole = machine(
        log_level="ERROR",
        logs_data=True,
        log_group_arn="arn:aws:logs:eu-west-1:111111111111:log-group:/own",
        tracing=True,
        key_arn="arn:aws:kms:eu-west-1:111111111111:key/1",
        tags={"a": '${x} %{y} "z"', "aws:cloudformation:stack-name": "etl"},
    )
    files = exported_files(whole, "9-to 5")
    assert files["9-to 5.asl.json"] == TEXT.encode()
    assert files["9-to 5.tf"].decode() == WHOLE


def test_what_a_machine_does_not_have_is_left_out_of_its_terraform() -> None:
    text = exported_files(machine(), "orders")["orders.tf"].decode()
    assert not {word for word in ("logging", "tracing", "encryption", "tags") if word in text}
