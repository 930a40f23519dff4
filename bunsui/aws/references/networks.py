"""Ask EC2 for subnets, their routes, security groups.

A subnet is public when the route table that counts for it has a route to an internet gateway: its own, else the main one of its
VPC. https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import is_forbidden
from bunsui.errors import CloudError
from bunsui.ports.account import LookedAt, Presence


def look_at_subnets(connection: Connection, ids: Sequence[str]) -> Mapping[str, LookedAt]:
    """Return the subnets that are there; filters find some of many, where ids would fail for all with the first missing one."""
    wanted = [{"Name": "subnet-id", "Values": list(ids)}]
    found = {
        str(one["SubnetId"]): str(one["VpcId"])
        for one in connection.pages("ec2", "describe_subnets", "Subnets", Filters=wanted)
    }
    public = _public_subnets(connection, found) if found else frozenset()
    if public is None:
        unread = LookedAt(presence=Presence.UNKNOWN, permission="ec2:DescribeRouteTables")
        return dict.fromkeys(found, unread)
    return {one: LookedAt(presence=Presence.THERE, is_public=one in public) for one in found}


def look_at_groups(connection: Connection, ids: Sequence[str]) -> Mapping[str, LookedAt]:
    """Return the security groups that are there."""
    wanted = [{"Name": "group-id", "Values": list(ids)}]
    found = connection.pages("ec2", "describe_security_groups", "SecurityGroups", Filters=wanted)
    return {str(one["GroupId"]): LookedAt(presence=Presence.THERE) for one in found}


def _public_subnets(connection: Connection, vpcs: Mapping[str, str]) -> frozenset[str] | None:
    """Return which of the subnets, given with their VPCs, are public; None where route tables may not be read."""
    wanted = [{"Name": "vpc-id", "Values": sorted(set(vpcs.values()))}]
    try:
        tables = connection.pages("ec2", "describe_route_tables", "RouteTables", Filters=wanted)
    except CloudError as error:
        if is_forbidden(error):
            return None
        raise
    own: dict[str, bool] = {}
    main: dict[str, bool] = {}
    for table in tables:
        is_open = _leads_out(table)
        for subnet in _subnets_of(table):
            own[subnet] = is_open
        if any(one.get("Main") for one in table.get("Associations", ())):
            main[str(table["VpcId"])] = is_open
    return frozenset(subnet for subnet, vpc in vpcs.items() if own.get(subnet, main.get(vpc, False)))


def _leads_out(table: Mapping[str, Any]) -> bool:
    return any(str(route.get("GatewayId", "")).startswith("igw-") for route in table.get("Routes", ()))


def _subnets_of(table: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(one["SubnetId"]) for one in table.get("Associations", ()) if one.get("SubnetId"))
