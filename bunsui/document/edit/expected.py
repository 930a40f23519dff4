"""What the data of a document is after an edit: the edit once more, on plain values, for the text to be held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bunsui.document.edit.edits import (
    DocumentEdit,
    EditSequence,
    InsertItem,
    InsertKey,
    MoveValue,
    RemoveValue,
    RenameKey,
    SetValue,
)
from bunsui.document.yaml.tree import Path, pointer
from bunsui.model.json import Json

_Mapping = Mapping[str, Json]


class NoSuchPlace(Exception):
    """The edit does not fit the data: nothing is there, something is there already, or it is of another kind."""

    def __init__(self, reason: str, path: Path) -> None:
        """Say what is wrong, and up to where the path leads."""
        super().__init__(reason)
        self.reason = reason
        self.path = path


def data_after(data: Json, edit: DocumentEdit) -> Json:
    """Return the data after the edit.

    Raises:
        NoSuchPlace: it does not fit the data.

    """
    match edit:
        case EditSequence():
            for one in edit.edits:
                data = data_after(data, one)
            return data
        case SetValue():
            return _set(data, edit)
        case InsertItem():
            return _at(data, edit.path, lambda found: _with_item(found, edit), makes=True)
        case InsertKey():
            return _at(data, edit.path, lambda found: _with_key(found, edit), makes=True)
        case RemoveValue():
            return _at(data, edit.path[:-1], lambda found: _without(found, edit.path))
        case MoveValue():
            return _at(data, edit.path[:-1], lambda found: _moved_to(found, edit))
        case RenameKey():
            return _at(data, edit.path[:-1], lambda found: _with_name(found, edit))


def key_place(keys: list[str], key: str, order: tuple[str, ...]) -> int:
    """Return where a new key belongs among the others: behind the last of those that come before it in the order."""
    if key not in order:
        return len(keys)
    before = set(order[: order.index(key)])
    places = [place for place, one in enumerate(keys) if one in before]
    if places:
        return places[-1] + 1
    return 0 if any(one in order for one in keys) else len(keys)


def _at(data: Json, path: Path, change: Callable[[Json], Json], *, makes: bool = False, done: Path = ()) -> Json:
    if not path:
        return change(data)
    step, *rest = path
    if isinstance(data, Mapping) and isinstance(step, str):
        if step not in data and not makes:
            raise NoSuchPlace(f"there is no {pointer((*done, step))}", done)
        inner = _at(data.get(step), tuple(rest), change, makes=makes, done=(*done, step))
        return {**data, step: inner}
    if isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
        inner = _at(data[step], tuple(rest), change, makes=makes, done=(*done, step))
        return [inner if index == step else one for index, one in enumerate(data)]
    if data is None and makes and isinstance(step, str):
        return {step: _at(None, tuple(rest), change, makes=True, done=(*done, step))}
    raise NoSuchPlace(f"there is no {pointer((*done, step))}", done)


def _set(data: Json, edit: SetValue) -> Json:
    if not edit.path:
        return edit.value
    *above, last = edit.path

    def change(found: Json) -> Json:
        if isinstance(last, int):
            if not isinstance(found, list) or not 0 <= last < len(found):
                raise NoSuchPlace(f"there is no {pointer(edit.path)}", tuple(above))
            return [edit.value if index == last else one for index, one in enumerate(found)]
        old = _as_mapping(found, tuple(above))
        if last in old:
            return {**old, last: edit.value}
        return _put(old, last, edit.value, key_place(list(old), last, edit.order))

    return _at(data, tuple(above), change, makes=True)


def _with_item(found: Json, edit: InsertItem) -> Json:
    old = [] if found is None else found
    if not isinstance(old, list):
        raise NoSuchPlace(f"{pointer(edit.path) or 'the file'} is no list", edit.path)
    if not 0 <= edit.index <= len(old):
        raise NoSuchPlace(f"{pointer(edit.path)} has {len(old)} items, so none goes to {edit.index}", edit.path)
    return [*old[: edit.index], edit.value, *old[edit.index :]]


def _with_key(found: Json, edit: InsertKey) -> Json:
    old = _as_mapping(found, edit.path)
    if edit.key in old:
        raise NoSuchPlace(f"{edit.key} is there already", (*edit.path, edit.key))
    return _put(old, edit.key, edit.value, len(old) if edit.index is None else edit.index)


def _without(found: Json, path: Path) -> Json:
    _check_there(found, path)
    last = path[-1]
    if isinstance(found, Mapping):
        return {key: value for key, value in found.items() if key != last}
    assert isinstance(found, list)
    return [one for index, one in enumerate(found) if index != last]


def _moved_to(found: Json, edit: MoveValue) -> Json:
    _check_there(found, edit.path)
    last = edit.path[-1]
    if isinstance(found, Mapping):
        keys = [key for key in found if key != last]
        _check_index(edit, len(keys))
        keys.insert(edit.index, str(last))
        return {key: found[key] for key in keys}
    assert isinstance(found, list)
    assert isinstance(last, int)
    items = [*found[:last], *found[last + 1 :]]
    _check_index(edit, len(items))
    items.insert(edit.index, found[last])
    return items


def _with_name(found: Json, edit: RenameKey) -> Json:
    _check_there(found, edit.path)
    if not isinstance(found, Mapping):
        raise NoSuchPlace("an item of a list has no name", edit.path)
    if edit.key != edit.path[-1] and edit.key in found:
        raise NoSuchPlace(f"{edit.key} is there already", (*edit.path[:-1], edit.key))
    return {(edit.key if key == edit.path[-1] else key): value for key, value in found.items()}


def _check_there(found: Json, path: Path) -> None:
    last = path[-1] if path else None
    is_key = isinstance(found, Mapping) and isinstance(last, str) and last in found
    is_item = isinstance(found, list) and isinstance(last, int) and 0 <= last < len(found)
    if not (is_key or is_item):
        raise NoSuchPlace(f"there is no {pointer(path)}" if path else "the whole file is no part of anything", path[:-1])


def _check_index(edit: MoveValue, last: int) -> None:
    if not 0 <= edit.index <= last:
        raise NoSuchPlace(f"there is no place {edit.index} beside {pointer(edit.path)}", edit.path)


def _as_mapping(found: Json, path: Path) -> _Mapping:
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise NoSuchPlace(f"{pointer(path) or 'the file'} is no mapping", path)
    return found


def _put(old: _Mapping, key: str, value: Json, place: int) -> Json:
    entries = list(old.items())
    entries.insert(place, (key, value))
    return dict(entries)
