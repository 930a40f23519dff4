from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bunsui.view.documents.findings import findings_schema
from tests.typed import Done, typed

ROOT = Path(__file__).parents[2]
PROJECT = "version: 1\nproject: sales\nid: 7f3a0000\n"
GOOD = """\
version: 1
name: good
jobs:
  a:
    operations:
      - {type: lambda, function: "work:live"}
"""
BAD = GOOD.replace("good", "bad").replace("operations:", "operation:")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "bunsui.yaml").write_text(PROJECT)
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "good.yaml").write_text(GOOD)
    return tmp_path


def bunsui(*arguments: str, cwd: Path, **environ: str) -> Done:
    return typed(cwd, *arguments, environment={**os.environ, "COLUMNS": "200", **environ})


def test_valid_files_end_well_and_say_so(project: Path) -> None:
    done = bunsui("validate", cwd=project)
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 pipeline in 1 file: valid" in done.stderr


def test_errors_are_counted_with_the_files_that_hold_them(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text("version: [\n")
    assert "1 error in 1 file\n" in bunsui("validate", cwd=project).stderr


def test_a_finding_shows_the_line_a_caret_and_the_remedy(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text(BAD)
    done = bunsui("validate", cwd=project)
    assert done.returncode == 5
    lines = done.stdout.splitlines()
    assert "pipelines/bad.yaml:5:5: error BS101 unknown key operation" in lines
    shown = lines[lines.index("pipelines/bad.yaml:5:5: error BS101 unknown key operation") + 1 :]
    assert shown[0].endswith("|     operation:")
    assert shown[1].index("^") == shown[0].index("operation")
    assert shown[2] == "  hint: Did you mean operations?"
    assert "Traceback" not in done.stderr


def test_the_caret_stands_under_full_width_text(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text(GOOD.replace("good", "bad") + "tags: {日本: a, 日本: b}\n")
    done = bunsui("validate", cwd=project)
    excerpt, caret = done.stdout.splitlines()[1:3]
    assert caret.index("^") == excerpt.rindex("日本") + 2


def test_json_has_every_finding_and_the_counts(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text(BAD)
    for arguments in (("validate", "--format", "json"), ("--json", "validate")):
        done = bunsui(*arguments, cwd=project)
        found = json.loads(done.stdout)
        assert done.returncode == 5
        assert found["counts"] == {"error": 1, "warning": 0, "info": 0, "accepted": 0}
        Draft202012Validator(findings_schema()).validate(found)
        assert {(finding["file"], finding["line"], finding["code"]) for finding in found["findings"]} == {
            ("pipelines/bad.yaml", 5, "BS101"),
        }


def test_sarif_names_rules_files_and_places(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text(BAD)
    log = json.loads(bunsui("validate", "--format", "sarif", cwd=project).stdout)
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["BS101"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "pipelines/bad.yaml"


def test_an_accepted_finding_is_counted_and_keeps_its_reason_in_every_format(project: Path) -> None:
    accept = "accept: [{code: BS271, reason: it has no versions}]\n"
    (project / "pipelines" / "good.yaml").write_text(GOOD.replace(":live", "") + accept)
    done = bunsui("validate", cwd=project)
    assert (done.returncode, done.stdout) == (0, "accepted BS271: it has no versions\n")
    assert "valid, with 1 accepted" in done.stderr
    document = json.loads(bunsui("validate", "--json", cwd=project).stdout)
    assert document["counts"] == {"error": 0, "warning": 0, "info": 0, "accepted": 1}
    assert document["findings"][0]["accepted"] == "it has no versions"
    results = json.loads(bunsui("validate", "--format", "sarif", cwd=project).stdout)["runs"][0]["results"]
    assert results[0]["suppressions"] == [{"kind": "inSource", "justification": "it has no versions"}]
    assert bunsui("validate", "--format", "github", cwd=project).stdout == ""


def test_github_annotations_cannot_be_forged_by_a_file(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text(GOOD.replace("good", "bad") + '"x\\n::error::forged": 1\n')
    done = bunsui("validate", "--format", "github", cwd=project)
    (line,) = done.stdout.splitlines()
    assert line.startswith("::error file=pipelines/bad.yaml,line=7,col=1,title=bunsui BS101::")
    assert "unknown key x ::error::forged." in line


def test_hostile_names_show_literally(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text(GOOD.replace("good", "bad") + '"\\e]2;PWNED\\a[red]\\u202e": 1\n')
    done = bunsui("validate", cwd=project)
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "\\x1b]2;PWNED\\x07[red]\\u202e" in done.stdout


def test_named_files_narrow_the_findings_and_paths_count_from_here(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text(BAD)
    assert bunsui("validate", "pipelines/good.yaml", cwd=project).returncode == 0
    done = bunsui("validate", "bad.yaml", cwd=project / "pipelines")
    assert done.returncode == 5
    assert done.stdout.startswith("../pipelines/bad.yaml:5:5: error BS101")
    missing = bunsui("validate", "nowhere.yaml", cwd=project)
    assert missing.returncode == 5
    assert "no such file" in missing.stderr


def test_a_named_file_that_the_patterns_leave_out_is_read_and_told(project: Path) -> None:
    (project / "pipelines" / "more").mkdir()
    (project / "bunsui.yaml").write_text(PROJECT + 'pipelines: ["pipelines/*.yaml"]\n')
    (project / "pipelines" / "more" / "bad.yml").write_text(BAD)
    done = bunsui("validate", "pipelines/more/bad.yml", cwd=project)
    assert done.returncode == 5
    assert "error BS101" in done.stdout
    assert "warning BS221" in done.stdout


@pytest.mark.parametrize("name", ["README.md", "pipelines"])
def test_what_nothing_reads_is_not_called_valid(project: Path, name: str) -> None:
    if "." in name:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("{}")
    done = bunsui("validate", name, cwd=project)
    assert done.returncode == 5
    assert "file-not-checked" in done.stderr


def test_code_and_definitions_that_a_pipeline_uses_may_be_named(project: Path) -> None:
    (project / "functions").mkdir()
    (project / "functions" / "app.py").write_text("def run(event, context): ...\n")
    (project / "one.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')
    code = "{type: lambda, code: {path: functions, handler: app.run, runtime: python3.13}}"
    (project / "pipelines" / "code.yaml").write_text(f"version: 1\nname: code\njobs: {{a: {{operations: [{code}]}}}}\n")
    (project / "pipelines" / "raw.yaml").write_text("version: 1\nname: raw\ndefinition: ../one.asl.json\n")
    done = bunsui("validate", "functions/app.py", "one.asl.json", "bunsui.yaml", cwd=project)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "3 pipelines in 3 files: valid")


def test_a_broken_project_file_is_a_finding_too(project: Path) -> None:
    (project / "bunsui.yaml").write_text(PROJECT + "enviroments: {}\n")
    done = bunsui("validate", cwd=project)
    assert done.returncode == 5
    assert "bunsui.yaml:4:1: error BS101" in done.stdout


def test_a_folder_without_a_project_says_how_to_start_one(tmp_path: Path) -> None:
    done = bunsui("validate", cwd=tmp_path)
    assert done.returncode == 5
    assert "bunsui init" in done.stderr


def test_ci_needs_no_environment_to_validate(project: Path) -> None:
    assert bunsui("validate", cwd=project, CI="true").returncode == 0


def test_validate_imports_neither_boto3_nor_textual(project: Path) -> None:
    code = (
        "import sys\nfrom bunsui.cli.main import main\nsys.argv = ['bunsui', 'validate']\n"
        "try:\n    main()\nexcept SystemExit as leaving:\n    assert leaving.code == 0, leaving.code\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'boto3', 'botocore', 'textual', 'ministack', 'moto'}))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=project, env=environment)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_nothing_of_the_project_is_executed(project: Path) -> None:
    folder = project / "functions" / "fetch"
    folder.mkdir(parents=True)
    for name in ("app.py", "setup.py", "sitecustomize.py"):
        (folder / name).write_text(f"handler = open({str(project / 'ran')!r}, 'w')\n")
    code = "code: {path: functions/fetch, handler: app.handler}"
    (project / "pipelines" / "good.yaml").write_text(GOOD.replace('function: "work:live"', code))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", "bunsui", "validate"], cwd=project, env=environment)
    assert done.returncode == 0
    assert not (project / "ran").exists()


def test_the_checkouts_own_pipelines_are_valid() -> None:
    assert bunsui("validate", cwd=ROOT).returncode == 0


def test_stale_schemas_fail_the_check_and_name_the_command(tmp_path: Path) -> None:
    assert bunsui("schema", "--check", cwd=ROOT).returncode == 0
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    (tmp_path / "schemas" / "project-v1.json").write_text("{}")
    (tmp_path / "schemas" / "plan-v1.json").unlink()
    done = bunsui("schema", "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert "bunsui schema --write" in done.stderr
    assert bunsui("schema", "--write", cwd=tmp_path).returncode == 0
    assert bunsui("schema", "--check", cwd=tmp_path).returncode == 0
    printed = bunsui("schema", "project", cwd=tmp_path).stdout
    assert printed == (ROOT / "schemas" / "project-v1.json").read_text()


ASL = '{"StartAt": "a", "States": {"a": {"Type": "Pass", "%s"}}}'


def test_a_definition_needs_no_project(tmp_path: Path) -> None:
    (tmp_path / "m.asl.json").write_text(ASL % 'End": true, "Comment": "')
    (tmp_path / "wrong.json").write_text(ASL % 'Next": "b')
    fine = bunsui("validate", "m.asl.json", cwd=tmp_path)
    assert (fine.returncode, fine.stderr.strip()) == (0, "1 file: valid")
    wrong = bunsui("validate", "m.asl.json", "wrong.json", cwd=tmp_path)
    assert wrong.returncode == 5
    assert "error BS403 Next names b" in wrong.stdout


def test_a_definition_that_no_pipeline_uses_is_read_when_it_is_named(project: Path) -> None:
    (project / "wrong.asl.json").write_text(ASL % 'Next": "b')
    assert "BS403" in bunsui("validate", "wrong.asl.json", cwd=project).stdout


def test_a_pipeline_may_be_named(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text(BAD)
    assert bunsui("validate", "good", cwd=project).returncode == 0
    assert bunsui("validate", "bad", cwd=project).returncode == 5
    unknown = bunsui("validate", "goood", cwd=project)
    assert unknown.returncode == 5
    assert "Did you mean `good`?" in unknown.stderr


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pipelines/zz.yaml", "version: 1\nname: sales\njobs: {a: {operations: [{type: nope}]}}\n"),
        ("pipelines/zz.yaml", "version: 2\nname: sales\njobs: {}\n"),
        ("pipelines/zz.yaml", "version: 1\nname: sales\njobs: {a: [\n"),
        ("pipelines/zz.asl.json", ASL % 'Next": "b'),
    ],
)
def test_a_broken_pipeline_is_found_by_the_name_that_its_file_gives_it(project: Path, file: str, text: str) -> None:
    (project / "pipelines" / "zz.yaml").write_text("version: 1\nname: sales\ndefinition: zz.asl.json\n")
    (project / file).write_text(text)
    for name in ("sales", "zz"):
        done = bunsui("validate", name, cwd=project)
        assert done.returncode == 5
        assert done.stdout.startswith(f"{file}:")


def test_without_a_project_a_file_that_is_not_there_is_what_is_wrong(tmp_path: Path) -> None:
    done = bunsui("validate", "gone.json", cwd=tmp_path)
    assert done.returncode == 5
    assert "the file cannot be read: no such file or directory" in done.stderr


def test_a_definition_without_a_project_may_be_yaml(tmp_path: Path) -> None:
    (tmp_path / "machine.yaml").write_text(ASL % 'Next": "b')
    assert "BS403" in bunsui("validate", "machine.yaml", cwd=tmp_path).stdout


def test_json_with_states_is_a_definition_in_a_project_too(project: Path) -> None:
    (project / "machine.json").write_text(ASL % 'Next": "b')
    assert "BS403" in bunsui("validate", "machine.json", cwd=project).stdout
    (project / "package.json").write_text("{}")
    assert "file-not-checked" in bunsui("validate", "package.json", cwd=project).stderr


def test_a_definition_is_checked_beside_a_project_file_with_errors(project: Path) -> None:
    (project / "bunsui.yaml").write_text("version: [\n")
    (project / "wrong.asl.json").write_text(ASL % 'Next": "b')
    done = bunsui("validate", "wrong.asl.json", cwd=project)
    assert "BS403" in done.stdout
    assert "bunsui.yaml" not in done.stdout
    assert "bunsui.yaml:2:1: error" in bunsui("validate", "pipelines/good.yaml", cwd=project).stdout


def test_fixes_are_shown_and_written_only_after_a_yes(project: Path) -> None:
    file = project / "pipelines" / "good.yaml"
    wrong = GOOD.replace("operations:", "opertions:") + "timeout: 5 minutes  # long\n"
    file.write_text(wrong)
    asked = bunsui("validate", "--fix", cwd=project)
    assert (asked.returncode, file.read_text()) == (5, wrong)
    assert "+timeout: 5m  # long" in asked.stderr
    assert "cannot-ask" in asked.stderr
    done = bunsui("--yes", "validate", "--fix", cwd=project)
    assert done.returncode == 0
    assert "wrote 2 fixes: pipelines/good.yaml" in done.stderr
    assert file.read_text() == GOOD + "timeout: 5m  # long\n"
    assert "no finding offers a fix" in bunsui("validate", "--fix", cwd=project).stderr
