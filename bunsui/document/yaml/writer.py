"""Values as YAML that these very readers read back."""

from __future__ import annotations

from bunsui.model.json import Json


def yaml_text(value: Json) -> str:
    """Return the value as YAML, keys in their order. Texts that YAML 1.1 would read as something else stand in quotes."""
    import yaml  # deferred: only commands that write files pay for it

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)
    return text
