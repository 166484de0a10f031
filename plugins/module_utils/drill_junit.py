"""A drill as JUnit XML, which continuous integration shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from .drill_summary import measured
from .drill_verdict import ABORTED, INCONCLUSIVE, quantity


# XML 1.0 has no way to write them; the colours of a terminal begin with one.
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Mapping[str, Any]) -> str:
    """Tell each judged objective as a test case, and an error where the drill proved nothing."""
    judged = [objective for objective in report["objectives"] if objective["limit"] is not None]
    unproven = report["verdict"] in (INCONCLUSIVE, ABORTED)
    name = f"{report['inventory']}.{report['target']}.{report['fault']}"
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        timestamp=report["started"].rstrip("Z"),
        tests=str(len(judged) + 1),
        failures=str(sum(objective["met"] is False for objective in judged)),
        errors=str(int(unproven)),
        skipped=str(sum(objective["met"] is None for objective in judged)),
    )
    proof = ElementTree.SubElement(suite, "testcase", classname=name, name="The drill proves something")
    if unproven:
        error = ElementTree.SubElement(proof, "error", type=report["verdict"], message=_told(report["headline"]))
        error.text = _told("\n".join(report["reasons"]))
    for objective in judged:
        case = ElementTree.SubElement(suite, "testcase", classname=name, name=objective["title"])
        if objective["met"] is None:
            ElementTree.SubElement(case, "skipped", message="could not be measured")
        elif not objective["met"]:
            limit = quantity(objective["limit"], objective["unit"])
            ElementTree.SubElement(
                case, "failure", type=objective["name"], message=f"{measured(objective)}, but at most {limit}"
            )
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _told(text: str) -> str:
    return NOT_IN_XML.sub("", text)
