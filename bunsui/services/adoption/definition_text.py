"""What stands for something else in a definition's text: placeholders, ARNs of the environment's account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.command_line import command_line
from bunsui.document.lowering.raw_definition import AS_IT_STANDS, BARE_PLACEHOLDER
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.resource import Scope

_PLACEHOLDER = re.compile(r"(\$?)\$\{([^{}\n]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]*")
"""Of placeholders of CloudFormation, SAM, CDK or Terraform: `LoadArn`, `AWS::Region`, `Load.Arn`."""
_ARN = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):([0-9]{12}):([A-Za-z0-9_$*/.:+=@-]+)")
_FOREIGN = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 60
_CUT_FROM = 56
"""Names of ours that are longer may be cut with a hash that differs between environments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionText:
    """A definition as it is kept in the project, with what fills it in."""

    content: bytes
    substitutions: Mapping[str, Json] | str
    """Values by the names of placeholders; `none` where `${` is text."""
    arns: tuple[str, ...] = ()
    """Those in whose place a placeholder stands now."""

    @property
    def places(self) -> tuple[str, ...]:
        """The names of its placeholders."""
        return () if isinstance(self.substitutions, str) else tuple(self.substitutions)


def definition_text(
    content: bytes, scope: Scope, values: Mapping[str, str], *, file: str, finds_arns: bool = True
) -> DefinitionText:
    """Return the definition with what fills it in. Only ARNs of the environment's account are replaced, where `finds_arns`;
    every other byte stays.

    Raises:
        InvalidInput: it is not UTF-8, or placeholders have no value.

    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("not-a-definition", "the file is not UTF-8", hint="Save it as UTF-8.", file=file) from error
    filled, missing = _fill_placeholders(text, scope, values)
    if missing:
        raise _without_values(missing, file)
    arns = _own_arns(text, scope, taken=filled) if finds_arns and file.endswith(".json") else {}
    if not filled and not arns:
        return DefinitionText(content=content, substitutions=AS_IT_STANDS if "${" in text else {})
    if finds_arns:
        text = _PLACEHOLDER.sub(_escape_text, text)
    replaced = _ARN.sub(lambda found: f"${{{arns[found.group()][0]}}}" if found.group() in arns else found.group(), text)
    substitutions = {**filled, **dict(arns.values())}
    return DefinitionText(content=replaced.encode(), substitutions=substitutions, arns=tuple(arns))


def _fill_placeholders(text: str, scope: Scope, values: Mapping[str, str]) -> tuple[dict[str, Json], list[str]]:
    """Return what fills the placeholders in, and those that nobody gave a value."""
    found = dict.fromkeys(m.group(2) for m in _PLACEHOLDER.finditer(text) if not m.group(1) and _NAME.fullmatch(m.group(2)))
    bare = {m.group(1) for m in BARE_PLACEHOLDER.finditer(text) if m.group(1)}
    known = {**_cloudformation_values(scope), **values}
    missing = [name for name in found if name not in known]
    return {name: _typed_value(known[name]) if name in bare else known[name] for name in found if name in known}, missing


def _cloudformation_values(scope: Scope) -> dict[str, str]:
    """Return what CloudFormation fills in by itself."""
    return {
        "AWS::Region": "${environment.region}",
        "AWS::AccountId": "${environment.account}",
        "AWS::Partition": scope.partition,
    }


def _typed_value(value: str) -> Json:
    """Return the value of a placeholder that stands where a number or `true` does."""
    if re.fullmatch(r"-?[0-9]{1,15}", value):
        return int(value)
    if re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,15}", value):
        return float(value)
    return {"true": True, "false": False, "null": None}.get(value, value)


def _own_arns(text: str, scope: Scope, *, taken: Mapping[str, Json]) -> dict[str, tuple[str, str]]:
    """Return the placeholder, with its value, of each ARN in the environment's account."""
    found: dict[str, tuple[str, str]] = {}
    names = set(taken)
    for match in _ARN.finditer(text):
        partition, service, region, account, resource = match.groups()
        if match.group() in found or account != scope.account or region not in ("", scope.region):
            continue
        name = _free_name(_FOREIGN.sub("_", resource).strip("_")[:_LONGEST] or service, names)
        names.add(name)
        place = "${environment.region}" if region else ""
        own = _by_environment(resource, scope)
        found[match.group()] = (name, f"arn:{partition}:{service}:{place}:${{environment.account}}:{own}")
    return found


def _by_environment(resource: str, scope: Scope) -> str:
    """Return what a resource of this project is called in every environment; others keep their names."""
    ours = f"{scope.project}--{scope.environment}--"
    name = re.split(r"[:/]", resource[resource.find(ours) :])[0] if ours in resource else ""
    if not name or len(name) > _CUT_FROM:
        return resource
    return resource.replace(ours, f"{scope.project}--${{environment.name}}--")


def _free_name(name: str, taken: set[str]) -> str:
    name = name if name[:1].isalpha() else f"arn_{name}"
    return name if name not in taken else next(one for number in range(2, 10_000) if (one := f"{name}_{number}") not in taken)


def _escape_text(match: re.Match[str]) -> str:
    """Return what is no placeholder as text; JSONata has `${` of its own."""
    is_text = not match.group(1) and not _NAME.fullmatch(match.group(2))
    return f"${match.group()}" if is_text else match.group()


def _without_values(missing: list[str], file: str) -> InvalidInput:
    asked = command_line("import", file, *(word for name in missing for word in ("--set", f"{name}=VALUE")))
    return InvalidInput(
        "placeholder-without-value",
        f"{len(missing)} placeholder{'s' if len(missing) > 1 else ''} of the definition stand{'' if len(missing) > 1 else 's'}"
        f" for nothing yet: {', '.join(missing)}",
        hint=f"Give each what it stands for; `${{var.NAME}}` for what differs between environments:\n  {asked}",
        file=file,
    )
