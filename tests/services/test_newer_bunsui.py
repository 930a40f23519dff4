"""What only a newer bunsui knows is refused by name, wherever it is stored, and nothing is written meanwhile."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bunsui import __version__
from bunsui.aws.dynamodb import Item
from bunsui.aws.stores.item import packed
from bunsui.emulator.launcher.folder import DataFolder
from bunsui.emulator.launcher.newer import check_known
from bunsui.emulator.stepfunctions.store.snapshot import restored
from bunsui.errors import InvalidInput, Refused, Unavailable
from bunsui.folders.user import UserFolders
from bunsui.kinds.registry import kinds
from bunsui.model.session import ATTEMPT_KINDS, SessionStatus
from bunsui.plan.model import Action, Reason, Risk
from bunsui.plan.saved.planfile import plan_document, saved_plan
from bunsui.plan.saved.saved_plan import checksum
from bunsui.ports.ledger import OUTCOMES
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.apply.patience import Patience
from bunsui.services.audit import audit
from bunsui.services.destroy import plan_destroy
from bunsui.services.plan_request import PlanRequest
from bunsui.services.state import history, list_state, move_state, rebuild_state, remove_state, show_state
from bunsui.services.status import project_status
from bunsui.services.unlock import unlock
from bunsui.stored_words import StoredForm
from bunsui.testkit.acts import MemoryActLog
from tests.fakes.items import ItemTable
from tests.fakes.written_before import CASES, PLANS, WRITTEN, Shop, Stores, plan_bytes, stored_items, stores

TOMORROW = "word-of-tomorrow"
WORDS = {
    *kinds(),
    *ATTEMPT_KINDS,
    *OUTCOMES,
    *(word.value for words in (SessionStatus, Action, Reason, Risk) for word in words),
}
Place = tuple[str | int, ...]

READERS: Mapping[str, tuple[str, Callable[[Stores], object]]] = {
    "a resource": ("inventory#", lambda found: found.state.applied()),
    "an address": ("inventory#", lambda found: found.state.addresses()),
    "a journal entry": ("journal#", lambda found: found.journal.pending()),
    "the lock": ("lock", lambda found: found.locks.read()),
    "the mark": ("mark", lambda found: found.log.mark()),
    "a record": ("apply#", lambda found: found.log.applies(limit=None)),
    "the record of a plan": ("plan#", lambda found: found.log.of_plan("plan-9")),
    "a session": ("01SESSION", lambda found: found.sessions.find(SessionQuery(limit=50))),
    "a session by its id": ("01SESSION0", lambda found: found.sessions.get("01SESSION0")),
    "a session by a prefix": ("01SESSION6", lambda found: found.sessions.find_prefix("01SESS")),
    "the project's name": ("project", lambda found: found.state.ensure()),
}


PARTITIONS = ("shop#died", "shop#died#sessions", "project#shop")


def with_item(item: Item) -> ItemTable:
    table = ItemTable(stored_items())
    table.items[str(item["pk"]), str(item["sk"])] = item
    return table


@pytest.mark.parametrize("reader", READERS)
def test_a_newer_format_is_refused_with_the_item_and_the_version(reader: str) -> None:
    prefix, read = READERS[reader]
    item = next(item for item in stored_items() if item["pk"] in PARTITIONS and str(item["sk"]).startswith(prefix))
    table = with_item({**item, "format": 99, "written_by": "7.1.0"})
    with pytest.raises(Refused) as refused:
        read(stores(table, "died"))
    assert refused.value.code == "newer-bunsui"
    assert refused.value.facts["unknown"] == "format 99"
    assert refused.value.facts["written_by"] == "bunsui 7.1.0"
    assert refused.value.facts["item"]
    assert "pip install --upgrade 'bunsui>=7.1.0'" in refused.value.hint
    assert table.writes == 0


def test_a_newer_format_of_what_hinted_plans_found_out_is_refused() -> None:
    [item] = [item for item in stored_items() if item["sk"] == "verification"]
    with pytest.raises(Refused, match="newer-bunsui"):
        stores(with_item({**item, "format": StoredForm.VERIFICATION.format + 1}), "local").verification.load()


def test_everything_that_is_written_now_says_its_format_and_version(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.edit("pipelines/slow.yaml", "299d", "298d")
    before = dict(shop.items.items)
    assert shop.apply().is_complete
    written = [item for key, item in shop.items.items.items() if before.get(key) != item]
    assert written
    assert {item["written_by"] for item in written} == {__version__}
    assert all(isinstance(item["format"], int) for item in written)


def leaves(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))
    else:
        yield path, value


def put(document: Any, path: Place, value: object) -> Any:
    """Return the document with another value at the place."""
    if not path:
        return value
    if isinstance(document, Mapping):
        return {key: put(inner, path[1:], value) if key == path[0] else inner for key, inner in document.items()}
    return [put(inner, path[1:], value) if number == path[0] else inner for number, inner in enumerate(document)]


def changed(leaf: object) -> str | None:
    """Return a word of tomorrow for a leaf that is a word of a closed list, or names a kind; None for any other."""
    if leaf in WORDS:
        return TOMORROW
    kind, dot, rest = str(leaf).partition(".")
    return f"{TOMORROW}.{rest}" if dot and kind in kinds() else None


def opened(item: Item) -> Any:
    body = item["body"]
    assert isinstance(body, bytes)
    return json.loads(gzip.decompress(body))


def closed(item: Item, document: Any) -> Item:
    body = packed(document)
    return {**item, "body": body, "sha256": hashlib.sha256(body).hexdigest()}


def read(table: ItemTable, item: Item) -> object:
    """Read everything of the item's family in its environment."""
    found = stores(table, str(item["pk"]).split("#")[1])
    match str(item["sk"]).partition("#")[0]:
        case "inventory":
            return found.state.applied()
        case "journal":
            return found.journal.pending()
        case "mark":
            return found.log.mark()
        case "apply":
            return found.log.applies(limit=None)
        case "plan":
            return found.log.of_plan(str(item["sk"]).partition("#")[2])
        case "verification":
            return found.verification.load()
        case session_id:
            return found.sessions.get(session_id)


def test_no_unknown_word_in_any_item_is_more_than_a_refusal() -> None:
    """Each leaf that is a word of a closed list, in each kind of item: refused by name, or only shown (`operation`)."""
    seen: dict[str, int] = {}
    for item in one_of_each():
        document, whole = opened(item), read(with_item(item), item)
        for path, leaf in leaves(document):
            word = changed(leaf)
            if word is None:
                continue
            family = str(item["sk"]).partition("#")[0]
            seen[family] = seen.get(family, 0) + 1
            try:
                found = read(with_item(closed(item, put(document, path, word))), item)
            except Refused as error:
                assert error.code == "newer-bunsui", path  # noqa: PT017 - both ends are right
                assert TOMORROW in error.facts["unknown"], path  # noqa: PT017
            else:
                assert found == whole or only_shown(path), (item["sk"], path, leaf)
    assert min(seen.get(family, 0) for family in ("inventory", "journal", "apply", "plan", "verification")) > 0
    assert any(family.startswith("01SESSION") for family in seen)


def one_of_each() -> list[Item]:
    """Everything that an apply left which died, one pipeline's resources, and what hinted plans found out; with documents."""
    return [
        item
        for item in stored_items()
        if "body" in item and ("died" in str(item["pk"]) or ".etl" in str(item["sk"]) or item["sk"] == "verification")
    ]


def only_shown(path: Place) -> bool:
    """Tell whether the place holds any text: values of AWS and of users, and what an apply is called."""
    return path[0] in ("attributes", "outputs", "operation", "facts", "params", "output", "error", "cause") or (
        path[0] == "intended" and only_shown(path[1:])
    )


def test_a_place_that_is_left_to_others_is_one_of_an_attribute() -> None:
    [item] = [item for item in stored_items() if item["sk"] == "inventory#state_machine.etl#0000"]
    document = opened(item)
    document["lifecycle"]["ignore"] = [[TOMORROW]]
    with pytest.raises(Refused) as refused:
        stores(with_item(closed(item, document)), "local").state.applied()
    assert refused.value.facts["unknown"] == f"lifecycle.ignore {TOMORROW}"


def test_an_item_that_lacks_what_it_should_hold_is_damaged() -> None:
    for item in one_of_each()[::3]:
        document = opened(item)
        for key in document:
            less = {name: value for name, value in document.items() if name != key}
            try:
                read(with_item(closed(item, less)), item)
            except Unavailable as error:
                assert error.code == "state-corrupt"  # noqa: PT017 - some keys came later, and may be missing


def with_newer_kind() -> ItemTable:
    """The table, with a resource of a kind that this bunsui does not have."""
    [item] = [item for item in stored_items() if item["sk"] == "inventory#log_group.raw#0000"]
    newer = {**closed(item, {**opened(item), "address": "alarm.raw"}), "sk": "inventory#alarm.raw#0000"}
    return with_item({**newer, "written_by": "7.1.0"})


COMMANDS: Mapping[str, Callable[[Shop], object]] = {
    "plan": lambda shop: shop.plan(),
    "apply": lambda shop: shop.apply(),
    "destroy": lambda shop: plan_destroy(shop.repository, shop.ports, PlanRequest()),
    "status": lambda shop: project_status(shop.repository, shop.ports, stores(shop.items, "local").sessions),
    "state list": lambda shop: list_state(shop.ports),
    "state show": lambda shop: show_state(shop.ports, "role.raw"),
    "state mv": lambda shop: move_state(shop.ports, "role.raw", "role.other", patience=Patience()),
    "state rm": lambda shop: remove_state(shop.ports, ["alarm.raw"], patience=Patience()),
    "state rebuild": lambda shop: rebuild_state(shop.repository, shop.ports, patience=Patience()),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_kind_of_a_newer_bunsui_is_refused_before_anything_is_written(tmp_path: Path, command: str) -> None:
    shop = Shop(tmp_path, table=with_newer_kind())
    with pytest.raises(Refused) as refused:
        COMMANDS[command](shop)
    assert refused.value.code == "newer-bunsui"
    assert refused.value.facts["unknown"] == "kind alarm"
    assert refused.value.facts["item"] == "alarm.raw"
    assert refused.value.facts["written_by"] == "bunsui 7.1.0"
    assert shop.items.writes == 0
    assert shop.account.calls == []


@pytest.mark.parametrize(
    "command", [lambda ports: audit(ports, MemoryActLog()), lambda ports: history(ports, limit=20)], ids=["audit", "history"]
)
def test_an_outcome_of_a_newer_bunsui_is_refused(tmp_path: Path, command: Callable[[Any], object]) -> None:
    item = next(one for one in stored_items() if one["pk"] == "shop#local" and str(one["sk"]).startswith("apply#"))
    shop = Shop(tmp_path, table=with_item(closed(item, {**opened(item), "outcome": TOMORROW})))
    with pytest.raises(Refused) as refused:
        command(shop.ports)
    assert (refused.value.facts["item"], refused.value.facts["unknown"]) == (item["sk"], f"outcome {TOMORROW}")


def test_a_lock_of_a_newer_bunsui_is_neither_taken_nor_freed(tmp_path: Path) -> None:
    [item] = [item for item in stored_items() if (item["pk"], item["sk"]) == ("shop#local", "lock")]
    shop = Shop(tmp_path, table=with_item({**item, "format": 2, "held": 1, "written_by": "7.1.0"}))
    shop.edit("pipelines/slow.yaml", "299d", "298d")
    for attempt in (shop.apply, lambda: unlock(shop.ports, str(item["id"]))):
        with pytest.raises(Refused, match="newer-bunsui"):
            attempt()
    assert shop.account.calls == []
    written = [key for key, found in shop.items.items.items() if found.get("written_by") == __version__]
    assert {str(pk).partition("#")[0] for pk, _ in written} <= {"project", "project-id"}


def signed(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**document, "checksum": checksum(document)}


@pytest.mark.parametrize("name", PLANS)
def test_no_unknown_word_in_a_saved_plan_is_more_than_a_refusal(name: str) -> None:
    document = plan_document(plan_bytes(name))
    whole, refusals = saved_plan(document), 0
    rows = document["changes"]
    assert isinstance(rows, list)
    for path, leaf in leaves({**document, "changes": rows[:6]}):
        word = changed(leaf)
        if word is None or path[-1] not in ("action", "reason", "risk", "address"):
            continue
        with pytest.raises(Refused) as refused:
            saved_plan(signed({**put(document, path, word), "written_by": "7.1.0"}))
        assert refused.value.code == "newer-bunsui"
        assert TOMORROW in refused.value.facts["unknown"]
        refusals += 1
    assert refusals
    with pytest.raises(Refused, match="newer-bunsui"):
        saved_plan(signed({**document, "refresh": TOMORROW}))
    assert saved_plan(document) == whole


def executions() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CASES / "bunsui-folder/local/state/stepfunctions.json").read_text())["payload"]
    return found


def test_no_unknown_word_of_the_embedded_step_functions_is_more_than_a_refusal() -> None:
    saved = executions()
    [room] = saved["rooms"]
    records = [json.loads(text) for text in room["executions"]]
    places = [("status",), ("type",), ("journal", 0, 1), ("journal", 0, 3)]
    record = next(one for one in records if one["journal"])
    for place in places:
        others = [json.dumps(put(one, place, TOMORROW) if one is record else one) for one in records]
        with pytest.raises(Refused) as refused:
            restored({**saved, "rooms": [{**room, "executions": others}]}, now=WRITTEN.timestamp())
        assert TOMORROW in refused.value.facts["unknown"]
    machines = [{**machine, "type": TOMORROW} for machine in room["machines"]]
    with pytest.raises(Refused, match="newer-bunsui"):
        restored({**saved, "rooms": [{**room, "machines": machines}]}, now=WRITTEN.timestamp())


def newest(form: StoredForm) -> int:
    return form.format + 1


@pytest.mark.parametrize("file", ["deaths.json", "state/stepfunctions.json"])
def test_a_data_folder_of_a_newer_bunsui_is_not_started_on(tmp_path: Path, file: str) -> None:
    folder = DataFolder(tmp_path)
    folder.state.mkdir()
    check_known(folder)
    kept: dict[str, Any] = {"format": newest(StoredForm.DEATHS), "written_by": "7.1.0"}
    if file != "deaths.json":
        kept = {"payload": {"format": f"bunsui-{newest(StoredForm.EXECUTIONS)}", "written_by": "7.1.0"}}
    (tmp_path / file).write_text(json.dumps(kept))
    with pytest.raises(Refused) as refused:
        check_known(folder)
    assert refused.value.facts["written_by"] == "bunsui 7.1.0"


def test_a_word_of_another_version_is_looked_for_before_the_embedded_aws_starts(tmp_path: Path) -> None:
    folder, saved = DataFolder(tmp_path), executions()
    folder.state.mkdir()
    saved["rooms"][0]["machines"][0]["type"] = TOMORROW
    (folder.state / "stepfunctions.json").write_text(json.dumps({"payload": saved}))
    with pytest.raises(Refused, match="newer-bunsui"):
        check_known(folder)


def test_a_folder_that_a_newer_bunsui_knows_is_not_taken_for_a_strangers(tmp_path: Path) -> None:
    user = UserFolders(states=(tmp_path / "state",), caches=())
    user.know("0" * 64, tmp_path)
    assert user.knows("0" * 64, tmp_path)
    [record] = (tmp_path / "state/folders").glob("*.json")
    record.write_text(json.dumps({**json.loads(record.read_text()), "format": newest(StoredForm.FOLDER)}))
    with pytest.raises(Refused, match="newer-bunsui"):
        user.knows("0" * 64, tmp_path)


def test_a_version_that_is_no_version_stands_in_no_command() -> None:
    [item] = [item for item in stored_items() if item["sk"] == "lock" and item["pk"] == "shop#died"]
    with pytest.raises(Refused) as refused:
        stores(with_item({**item, "format": 2, "written_by": "1'; rm -rf ~ #"}), "died").locks.read()
    assert "rm -rf" not in refused.value.hint


def test_what_is_no_plan_is_not_one_of_a_newer_bunsui() -> None:
    with pytest.raises(InvalidInput):
        saved_plan({"format_version": "2"})
