import re
from pathlib import Path

from bunsui.asl.validation.finding import MEANINGS

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "asl-findings.md"
SOURCES = Path(__file__).parents[4] / "bunsui" / "asl" / "validation"


def test_the_documentation_names_every_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `ASL")] == [
        f"| `{code}` | {meaning} |" for code, meaning in MEANINGS.items()
    ]


def test_every_code_is_given_somewhere_and_no_other() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    given = re.findall(r'(?:error|warning)\(\s*"(ASL\d{3})"|code="(ASL\d{3})"', text)
    assert {one or other for one, other in given} == set(MEANINGS)
