"""What reaches the child process, and what does not."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bunsui.emulator.launcher.environment import EMULATOR_SETTINGS, child_environment, emulator_settings
from bunsui.emulator.launcher.folder import DataFolder
from bunsui.process_environment import ESSENTIAL

FOLDER = DataFolder(Path("/data"))
NAMES = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=30)


@given(st.dictionaries(NAMES, st.just("canary")))
def test_no_value_of_the_host_passes_but_of_the_short_list(host: dict[str, str]) -> None:
    passed = {name for name, value in child_environment(host, FOLDER).items() if value == "canary"}

    assert passed <= set(ESSENTIAL)


@given(
    st.dictionaries(
        st.sampled_from(["TZ", "LANG", "LC_ALL", "LC_CTYPE", "LANGUAGE", "PYTHONPATH", "http_proxy", "GIT_DIR"]), NAMES
    )
)
def test_locale_and_time_zone_are_those_of_lambda_on_every_machine(host: dict[str, str]) -> None:
    assert child_environment(host, FOLDER) == child_environment({}, FOLDER)
    assert child_environment(host, FOLDER)["TZ"] == "UTC"


def test_everything_is_written_inside_the_folder() -> None:
    environment = child_environment({"HOME": "/home/me", "TMPDIR": "/tmp"}, FOLDER) | emulator_settings(FOLDER, port=1)

    assert {environment[name] for name in ("HOME", "TMPDIR", "TMP", "TEMP")} == {"/data/home", "/data/tmp"}
    assert environment["STATE_DIR"] == "/data/state"
    assert environment["S3_DATA_DIR"] == "/data/objects"


def test_functions_are_not_shown_the_emulators_settings() -> None:
    assert {"LOG_LEVEL", "STATE_DIR", "GATEWAY_PORT", "DOCKER_HOST"} <= EMULATOR_SETTINGS
    assert "AWS_EC2_METADATA_DISABLED" not in EMULATOR_SETTINGS
