"""Ids in a pipeline, made of names of states."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_FOREIGN = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 40


@dataclass(slots=True)
class Names:
    """Ids that were given."""

    taken: set[str] = field(default_factory=set)

    def free(self, said: str) -> str:
        """Return an id that says most of the name and was not given yet."""
        name = _FOREIGN.sub("_", said).strip("_")[:_LONGEST].rstrip("_") or "step"
        name = name if name[0].isalpha() else f"step_{name}"
        number, found = 2, name
        while found.lower() in self.taken:
            found, number = f"{name}_{number}", number + 1
        self.taken.add(found.lower())
        return found
