"""The verdicts as JUnit XML, which every CI reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bunsui.testing.verdict import Verdict

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What may not stand in XML 1.0 (recommendation, section 2.2)."""


def junit_xml(verdicts: Sequence[tuple[Verdict, str]]) -> str:
    """Return the document for verdicts with what is to be said about each; one suite a pipeline, in the order given.

    Times are those of the virtual clock: what the run would have taken."""
    root = Element("testsuites", _counts([verdict for verdict, _ in verdicts]))
    for pipeline in dict.fromkeys(verdict.test.pipeline for verdict, _ in verdicts):
        own = [(verdict, text) for verdict, text in verdicts if verdict.test.pipeline == pipeline]
        suite = SubElement(root, "testsuite", {"name": pipeline, **_counts([verdict for verdict, _ in own])})
        for verdict, text in own:
            _case(suite, verdict, text)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _counts(verdicts: Sequence[Verdict]) -> dict[str, str]:
    errors = sum(verdict.problem is not None for verdict in verdicts)
    failures = sum(not verdict.passed for verdict in verdicts) - errors
    seconds = sum(verdict.facts.seconds for verdict in verdicts if verdict.facts is not None)
    return {"tests": str(len(verdicts)), "failures": str(failures), "errors": str(errors), "time": f"{seconds:.3f}"}


def _case(suite: Element, verdict: Verdict, text: str) -> None:
    position = verdict.test.position
    fields = {"classname": verdict.test.pipeline, "name": _clean(verdict.test.name)}
    if position is not None:
        fields |= {"file": position.file, "line": str(position.line)}
    fields["time"] = f"{verdict.facts.seconds if verdict.facts is not None else 0:.3f}"
    case = SubElement(suite, "testcase", fields)
    if verdict.problem is not None:
        SubElement(case, "error", {"message": _clean(verdict.problem.summary)}).text = _clean(text)
    elif verdict.mismatches:
        names = ", ".join(mismatch.name for mismatch in verdict.mismatches)
        SubElement(case, "failure", {"message": f"not as expected: {names}"}).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
