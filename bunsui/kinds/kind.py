"""What a resource kind is: its attributes and the rules by which they compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from bunsui.kinds.canonical.definition import canonical_definition
from bunsui.kinds.canonical.json import canonical_json, canonical_set
from bunsui.kinds.canonical.policy import canonical_policy
from bunsui.kinds.ownership import HandOver, rename_ours
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.values import Value


class Comparison(Enum):
    """How two values of an attribute are compared."""

    SCALAR = "scalar"
    """As they are, `2.0` being `2`."""
    JSON = "json"
    """As JSON: the order of keys does not matter, that of lists does."""
    SET = "set"
    """As a list whose order and repetitions do not matter."""
    DEFINITION = "definition"
    """As Amazon States Language, by state."""
    POLICY = "policy"
    """As an IAM policy document, by statement."""


class Effect(Enum):
    """Who notices when an attribute changes; the plan makes risks of it."""

    COSMETIC = "cosmetic"
    """Nobody but readers."""
    NEW_SESSIONS = "new sessions"
    """Sessions that start afterwards; running ones go on with what they started with."""
    RUNNING_SESSIONS = "running sessions"
    """Running sessions too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much of something AWS takes."""

    what: str
    """What is counted, after a number: `bytes of the definition`."""
    most: int
    is_fixed: bool = False
    """True when AWS raises it for nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of a kind."""

    name: str
    words: str = ""
    """What it is called in text, where that is clearer than its name with spaces."""
    comparison: Comparison = Comparison.SCALAR
    default: Json = None
    """What AWS has when nobody says anything; stands in for an attribute that is absent."""
    effect: Effect = Effect.NEW_SESSIONS
    replaces: bool = False
    """True when AWS cannot change it in place."""
    held: bool = True
    """False when what somebody else made of it cannot be written back, so that it cannot be left to others."""
    hides_foreign: bool = False
    """True when values that only AWS has are never shown or stored: somebody may have put a secret there by hand."""
    sensitive: bool = False
    """True when its values are compared but never shown."""
    limit: Limit | None = None
    """How large its value, as compact JSON, may be."""
    told_by_member: bool = False
    """True when several changed places below one member of the value share a line in text: the members are what people know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of resource, the pure half."""

    name: str
    """As in `Address.kind`."""
    title: str
    """As people say it: `state machine`."""
    word: str
    """As pipeline files name it, in `lifecycle.ignore`: `machine`."""
    attributes: tuple[Attribute, ...]
    """Everything that is compared, in the order in which views show it."""
    outputs: tuple[str, ...]
    """What others may reference once it was written."""
    name_limit: int
    """Longest physical name that AWS takes."""
    rank: int
    """Place in the order of creation among resources that do not depend on each other; deletes go the other way."""
    hand_over: HandOver
    """(an object that has our name and is not ours, our tags) -> the words after `aws` of a command that makes it ours; for a
    kind without tags, of the one that removes it."""
    way_around: Callable[[Address], str] = rename_ours
    """(address) -> what to write in the pipeline's file so that ours goes around an object that has its name."""
    taggable: bool = True
    """False when its ownership shows in the tags of a parent."""
    loss: Callable[[int], str] | None = None
    """(how many of a pipeline go) -> what goes with them that cannot be made again: executions and their history, logs. None
    when nothing does."""
    emptying: Callable[[str], str] | None = None
    """(physical name) -> the command that removes what may keep an object of the kind from being removed; None where nothing
    does."""
    serves_sessions: bool = False
    """True when a session in flight goes on to use the one that it started with: another one is made beside it, and it goes
    only when what used it was moved and no session needs it."""
    summary: Callable[[Mapping[str, Value]], str] | None = None
    """(attributes) -> what is worth a line in the plan of a new pipeline; empty when there is nothing but what is usual."""
    watches_sessions: bool = False
    """True when it tells of sessions as they end: it stays with a retired machine, whose sessions may still fail."""
    starts_sessions: bool = False
    """True when it starts sessions by itself: where a pipeline moves, the old one's go before the new one's come."""
    taken_on_by: str = ""
    """The service that takes on its attribute `role_arn`; empty when it has none."""
    quota: Limit | None = None
    """How many an account takes, by default, where a project alone may come near."""
    within: str = ""
    """The attribute that says what it lies in, where names are unique only there; empty where they are in the whole account."""
    events: tuple[str, ...] = ()
    """CloudTrail's names of the calls after which it may not be as it was, where no list would tell."""
    listed_events: tuple[str, ...] = ()
    """CloudTrail's names of the other calls that change or remove it, of which a list tells: only who made them is asked."""
    is_global: bool = False
    """True when its service is the same in all regions, and its events are kept in one of them."""
    may_be_listed_whole: bool = False
    """True when a list holds all of it where the caller may ask for that list, so that no event is needed then."""

    @property
    def holds_data(self) -> bool:
        """True when something that cannot be made again goes with it."""
        return self.loss is not None

    def attribute(self, name: str) -> Attribute:
        """Return the attribute of that name; KeyError when the kind has none."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(name)

    def canonical(self, attributes: Mapping[str, Value]) -> dict[str, Value]:
        """Return all attributes in canonical form and in the kind's order, defaults filled in. Attributes that the kind does
        not model are left out: they are not ours to compare."""
        return {
            attribute.name: canonical(attribute, attributes.get(attribute.name, attribute.default))
            for attribute in self.attributes
        }


def canonical(attribute: Attribute, value: Value) -> Value:
    """Return the form of the value that is the same for all values that mean the same. Applying it again changes nothing."""
    match attribute.comparison:
        case Comparison.SCALAR | Comparison.JSON:
            return canonical_json(value)
        case Comparison.SET:
            return canonical_set(value)
        case Comparison.DEFINITION:
            return canonical_definition(value)
        case Comparison.POLICY:
            return canonical_policy(value)
