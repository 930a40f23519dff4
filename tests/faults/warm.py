"""Imported by the server that processes are forked from: reads the descriptions of AWS's services before the first of them."""

from __future__ import annotations

from tests.faults.mortal import MODELS

SERVICES = ("dynamodb", "iam", "lambda", "logs", "resourcegroupstaggingapi", "scheduler", "stepfunctions", "sts")

for service in SERVICES:
    MODELS.load_service_model(service, "service-2")
    MODELS.load_service_model(service, "endpoint-rule-set-1")
