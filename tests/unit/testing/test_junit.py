from __future__ import annotations

from xml.etree.ElementTree import fromstring

from bunsui.diagnostics import Position
from bunsui.model.pipeline_test import PipelineTest
from bunsui.testing.expectations import Mismatch
from bunsui.testing.facts import RunFacts
from bunsui.testing.junit import junit_xml
from bunsui.testing.verdict import Verdict, VerdictProblem


def verdict(pipeline: str, name: str, *, fails: bool = False, problem: VerdictProblem | None = None) -> Verdict:
    test = PipelineTest(name=name, pipeline=pipeline, position=Position("pipelines/a.yaml", 7, 3))
    mismatches = (Mismatch(name="status", expected="succeeded", actual="failed"),) if fails else ()
    facts = None if problem else RunFacts(status="succeeded", seconds=1.5)
    return Verdict(test=test, facts=facts, mismatches=mismatches, problem=problem)


def test_every_pipeline_is_a_suite_and_every_test_a_case() -> None:
    verdicts = [
        (verdict("a", "good"), ""),
        (verdict("b", "bad", fails=True), "expected <succeeded>"),
        (verdict("a", "broken", problem=VerdictProblem(summary="no mock")), "add one"),
    ]
    root = fromstring(junit_xml(verdicts))
    assert root.attrib == {"tests": "3", "failures": "1", "errors": "1", "time": "3.000"}
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [("a", "2"), ("b", "1")]
    good, broken, bad = root.iter("testcase")
    assert good.attrib == {"classname": "a", "name": "good", "file": "pipelines/a.yaml", "line": "7", "time": "1.500"}
    assert list(good) == []
    assert [(part.tag, part.get("message"), part.text) for part in broken] == [("error", "no mock", "add one")]
    assert [(part.tag, part.text) for part in bad] == [("failure", "expected <succeeded>")]


def test_characters_that_xml_forbids_are_replaced() -> None:
    text = junit_xml([(verdict("a", "bell \x07 and \ud800", fails=True), "\x00 & ü 日本")])
    (case,) = fromstring(text).iter("testcase")
    assert case.get("name") == "bell \ufffd and \ufffd"
    assert case[0].text == "\ufffd & ü 日本"
