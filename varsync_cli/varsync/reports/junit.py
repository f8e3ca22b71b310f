"""The XML that test runners write, for servers that show it: a suite a file, a case a finding."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from varsync_rules.findings import Finding

from varsync.console.style import Style
from varsync.console.terminal import escape
from varsync.linting.checking import Report
from varsync.reports.places import place, within


def render(report: Report, style: Style) -> str:
    """One document. A file without findings has a case that passes, so an empty run is seen."""
    del style  # XML has no colours
    total = len(report.findings)
    suites = Element("testsuites", name="varsync", tests=str(total), failures=str(total))
    by_path: dict[str, list[Finding]] = {path: [] for path in sorted(report.paths)}
    for finding in report.findings:
        by_path.setdefault(finding.span.path, []).append(finding)
    for path, findings in by_path.items():
        _suite(suites, escape(path), findings, report)
    indent(suites)
    text: str = tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _suite(suites: Element, path: str, findings: list[Finding], report: Report) -> None:
    suite = SubElement(
        suites,
        "testsuite",
        name=path,
        tests=str(len(findings) or 1),
        failures=str(len(findings)),
        errors="0",
        skipped="0",
    )
    if not findings:
        SubElement(suite, "testcase", name="varsync", classname=path)
    for finding in findings:
        case = SubElement(
            suite,
            "testcase",
            name=f"{finding.code} {finding.name} {within(finding.span)}",
            classname=path,
            file=path,
            line=str(finding.span.line),
        )
        failure = SubElement(
            case, "failure", type=finding.severity.value, message=escape(finding.message)
        )
        lines = [place(finding.span), finding.message]
        lines += [f"{place(one.span)}: {one.message}" for one in finding.related]
        lines += [*finding.explanation.splitlines(), *finding.remedy.splitlines()]
        if finding in report.proofs:
            lines.append(f"simulate: {report.proofs[finding].text}")
        failure.text = "\n".join(map(escape, lines))
