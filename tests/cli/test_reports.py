"""What findings look like in each format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft7Validator
from varsync.choices import OutputFormat
from varsync.console.style import Style
from varsync.linting.checking import Report
from varsync.reports import render
from varsync_rules.findings import Finding, Related, Severity, Span
from varsync_rules.source import Source

from tests.cli.conftest import Shell

TEXT = """\
import tensorflow as tf

created_here = tf.Variable(0)
def step(x):
    y = x
\treturn y if warning_vs201 else (
        None)
"""


class TestFull:
    def test_a_whole_finding(self, shell: Shell) -> None:
        shell.write("src/train.py", TEXT)
        assert shell("lint", "-q").out == (
            "src/train.py:6:14  warning VS201 replica-update-without-aggregation"
            "  warning_vs201 is misused\n"
            "  |\n"
            "4 | def step(x):\n"
            "5 |     y = x\n"
            "6 |     return y if warning_vs201 else (\n"
            "  |                 ^^^^^^^^^^^^^\n"
            "  |\n"
            " --> src/train.py:3:1  created here\n"
            "  |\n"
            "3 | created_here = tf.Variable(0)\n"
            "  | ------------\n"
            "  |\n"
            "  = TensorFlow: TensorFlow does this\n"
            "      and that\n"
            "  = write: write it so\n"
            "\n"
        )

    def test_the_gutter_is_as_wide_as_the_largest_number(self, shell: Shell) -> None:
        shell.write("a.py", "created_here\n" + "\n" * 98 + "error_vs101\n")
        out = shell("lint", "-q").out
        assert "\n100 | error_vs101\n    | ^^^^^^^^^^^\n" in out
        assert "\n  1 | created_here\n" in out
        assert "\n 98 |\n" in out

    def test_in_a_notebook_the_frame_is_of_the_cell(self, shell: Shell) -> None:
        cells = [
            {"cell_type": "code", "source": "created_here"},
            {"cell_type": "markdown", "source": "x"},
            {"cell_type": "code", "source": "%time\nwarning_vs201"},
        ]
        shell.write("n.ipynb", json.dumps({"cells": cells}))
        out = shell("lint", "-q").out
        assert out.startswith("n.ipynb:cell 3:2:1  warning VS201")
        assert "\n1 | %time\n2 | warning_vs201\n  | ^^^^^^^^^^^^^\n" in out
        assert "--> n.ipynb:cell 1:1:1  created here\n" in out

    def test_a_file_that_could_not_be_read_has_no_frame(self, shell: Shell) -> None:
        shell.write("a.py", b"\0")
        assert shell("lint", "-q").out.splitlines()[1:] == [""]

    def test_colours_are_around_text_and_change_none_of_it(self, shell: Shell) -> None:
        import re

        shell.write("src/train.py", TEXT)
        plain = shell("lint").out
        colored = shell("lint", "--color", "always").out
        assert colored != plain
        assert re.sub(r"\x1b\[[\d;]*m", "", colored) == plain


class TestFrame:
    def lines(self, text: str, span: Span) -> list[str]:
        from varsync.reports.frame import frame

        drawn = frame(
            text.split("\n"), span, Style(), gutter=1, before=1, most=6, mark="^", paint=str
        )
        return [line.removeprefix("  |").removeprefix(" ") for line in drawn][1:-1]

    def marked(self, text: str, column: int, end_column: int) -> tuple[str, str]:
        line, marks = self.lines(text, Span("a.py", 1, column, 1, end_column))
        return line.removeprefix("1 | "), marks

    @pytest.mark.parametrize(
        ("text", "columns", "line", "marks"),
        [
            ("a\tbc", (3, 5), "a   bc", "    ^^"),
            ("\tbc", (1, 2), "    bc", "^^^^"),
            ("é = bc", (5, 7), "é = bc", "    ^^"),
            ("s = '漢字'; bc", (11, 13), "s = '漢字'; bc", " " * 12 + "^^"),
            ("'漢字'", (2, 4), "'漢字'", " ^^^^"),
            ("'e\u0301'; bc", (7, 9), "'e\u0301'; bc", "     ^^"),
            ("'\x1b[31m'; bc", (10, 12), "'\\x1b[31m'; bc", " " * 12 + "^^"),
            ("'\u202e'; bc", (6, 8), "'\\u202e'; bc", " " * 10 + "^^"),
            ("'\u3000'; bc", (6, 8), "'\u3000'; bc", " " * 6 + "^^"),
            ("'\U000e0001'; bc", (6, 8), "'\\U000e0001'; bc", " " * 14 + "^^"),
            ("[bold]x[/bold]", (7, 8), "[bold]x[/bold]", "      ^"),
            ("bc", (2, 2), "bc", " ^"),
            ("bc", (3, 9), "bc", "  ^"),
            ("bc", (9, 12), "bc", "  ^"),
            ("", (1, 1), "", "^"),
        ],
    )
    def test_marks_stand_under_what_is_meant(
        self, text: str, columns: tuple[int, int], line: str, marks: str
    ) -> None:
        drawn, under = self.marked(text, *columns)
        assert (drawn.removeprefix("1 |"), under) == (line, marks)

    @pytest.mark.parametrize("start", [0, 59, 60, 61, 5_000, 9_990])
    def test_a_long_line_is_cut_around_it(self, start: int) -> None:
        text = "x" * start + "target" + "y" * (10_000 - start)
        line, marks = self.marked(text, start + 1, start + 7)
        assert len(line) < 200
        assert line[marks.index("^") :].startswith("target")
        assert marks.strip() == "^^^^^^"

    def test_more_than_the_longest_line(self) -> None:
        line, marks = self.marked("x" * 10_000_000, 1, 10_000_001)
        assert len(line) == len(marks) + 3 < 200

    def test_several_lines(self) -> None:
        text = "before\nv = call(\n    a,\n\n    b)  # end"
        assert self.lines(text, Span("a.py", 2, 5, 5, 7)) == [
            "1 | before",
            "2 | v = call(",
            "    ^^^^^",
            "3 |     a,",
            "    ^^",
            "4 |",
            "5 |     b)  # end",
            "    ^^",
        ]

    def test_many_lines_are_not_all_shown(self) -> None:
        text = "call(\n" + "    a,\n" * 50 + ")"
        lines = self.lines(text, Span("a.py", 1, 1, 52, 2))
        assert lines[-1] == "..."
        assert sum(line[:1].isdigit() for line in lines) == 6

    @pytest.mark.parametrize("line", [0, 3, 99])
    def test_a_line_that_is_not_there(self, line: int) -> None:
        from varsync.reports.frame import frame

        span = Span("a.py", line, 1, line, 1)
        nothing = frame(["a"], span, Style(), gutter=1, before=2, most=6, mark="^", paint=str)
        assert list(nothing) == []


class TestConcise:
    def test_one_line_each(self, shell: Shell) -> None:
        shell.write("a.py", "  error_vs101\nnote_vs202 created_here\n")
        assert shell("lint", "--output-format", "concise", "-q").out.splitlines() == [
            "a.py:1:3: error VS101 error_vs101 is misused",
            "a.py:2:1: note VS202 note_vs202 is misused",
        ]


class TestJson:
    def test_a_whole_finding(self, shell: Shell) -> None:
        shell.write("src/train.py", TEXT)
        ran = shell("lint", "--output-format", "json")
        assert ran.err == ""
        filename = str(shell.folder / "src/train.py")
        assert json.loads(ran.out) == [
            {
                "code": "VS201",
                "name": "replica-update-without-aggregation",
                "filename": filename,
                "cell": None,
                "location": {"row": 6, "column": 14},
                "end_location": {"row": 6, "column": 27},
                "message": "warning_vs201 is misused",
                "severity": "warning",
                "confidence": "high",
                "explanation": "TensorFlow does this\nand that",
                "remedy": "write it so",
                "related": [
                    {
                        "filename": filename,
                        "cell": None,
                        "location": {"row": 3, "column": 1},
                        "end_location": {"row": 3, "column": 13},
                        "message": "created here",
                    }
                ],
                "fix": None,
                "url": None,
            }
        ]

    def test_nothing_is_an_empty_list(self, shell: Shell) -> None:
        shell.write("a.py", "")
        assert shell("lint", "--output-format", "json").out == "[]\n"

    def test_names_are_absolute_everywhere(self, shell: Shell) -> None:
        shell.write("a.py", b"\0")
        shell.write("src/b.py")
        shell.write("c.py", "created_here\n")
        found = json.loads(shell("lint", "--output-format", "json", "a.py", "src/b.py").out)
        names = [entry["filename"] for entry in found]
        names += [place["filename"] for entry in found for place in entry["related"]]
        assert names == [str(shell.folder / name) for name in ("a.py", "src/b.py", "c.py")]

    def test_cells(self, shell: Shell) -> None:
        cells = [{"cell_type": "code", "source": "\nwarning_vs201"}]
        shell.write("n.ipynb", json.dumps({"cells": cells}))
        (entry,) = json.loads(shell("lint", "--output-format", "json").out)
        assert (entry["cell"], entry["location"]["row"]) == (1, 2)


NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": "\nwarning_vs201"}]})


class TestJsonLines:
    def test_the_objects_of_the_list(self, shell: Shell) -> None:
        shell.write("a.py", "error_vs101\nnote_vs202 created_here\n")
        lines = shell("lint", "--output-format", "json-lines").out.splitlines()
        listed = json.loads(shell("lint", "--output-format", "json").out)
        assert [json.loads(line) for line in lines] == listed
        assert len(listed) == 2

    def test_nothing_is_no_line(self, shell: Shell) -> None:
        shell.write("a.py", "")
        assert shell("lint", "--output-format", "json-lines").out == ""


class TestGrouped:
    """Compared with what ruff 0.17 writes as this format: a name, and below it `line:column CODE`."""

    def test_the_findings_of_a_file_are_under_its_name(self, shell: Shell) -> None:
        shell.write("a.py", "  error_vs101\n" + "\n" * 8 + "note_vs202\n")
        shell.write("n.ipynb", NOTEBOOK)
        assert shell("lint", "--output-format", "grouped").out.splitlines() == [
            "a.py:",
            "  1:3   error VS101    error_vs101 is misused",
            "  10:1  note VS202     note_vs202 is misused",
            "",
            "n.ipynb:",
            "  cell 1:2:1  warning VS201  warning_vs201 is misused",
            "",
            "Found 1 error, 1 warning and 1 note in 2 files.",
        ]


class TestPylint:
    """Compared with what ruff 0.17 writes as this format; pylint's parseable has more in brackets."""

    def test_one_line_each(self, shell: Shell) -> None:
        shell.write("a.py", "\n  error_vs101\n")
        shell.write("n.ipynb", NOTEBOOK)
        assert shell("lint", "--output-format", "pylint").out.splitlines() == [
            "a.py:2: [VS101] error_vs101 is misused",
            "n.ipynb:1: [VS201] cell 1:2: warning_vs201 is misused",
        ]


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as GitHub's runner reads it: its name, its properties, its message."""
    between = line.index("::", 2)
    name, _, listed = line[2:between].partition(" ")
    properties = {}
    for pair in filter(None, listed.strip().split(",")):
        key, _, value = pair.partition("=")
        properties[key] = _unescaped(value, "\r\n:,%")
    assert line.startswith("::")
    return name, properties, _unescaped(line[between + 2 :], "\r\n%")


def _unescaped(text: str, characters: str) -> str:
    for character in characters:  # the percent sign is the last one, there, too
        text = text.replace(f"%{ord(character):02X}", character)
    return text


class TestGithub:
    """The commands of GitHub's documentation: what is in them is escaped as its runner reads it.

    Checked: the page "Workflow commands" of GitHub's documentation (the commands error, warning and
    notice; the parameters title, file, line, endLine, col, endColumn) and, as it does not tell what
    is escaped, the code that parses commands: Runner.Common/ActionCommand.cs of actions/runner. In
    a property %, CR, LF, colon and comma are escaped, in a message %, CR and LF.
    """

    def lines(self, shell: Shell) -> list[str]:
        return shell("lint", "--output-format", "github").out.splitlines()

    def test_a_command(self, shell: Shell) -> None:
        shell.write("src/train.py", TEXT)
        assert self.lines(shell) == [
            "::warning title=varsync VS201 replica-update-without-aggregation,file=src/train.py,"
            "line=6,endLine=6,col=14,endColumn=27::src/train.py:6:14: VS201 warning_vs201 is misused"
            "%0ATensorFlow does this%0Aand that%0Awrite it so"
        ]

    def test_a_path_is_that_from_the_root_of_the_repository(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shell.write("src/a,b:c%.py", "note_vs202\n")
        monkeypatch.chdir(shell.folder / "src")
        (line,) = self.lines(shell)
        assert line.startswith("::notice ")
        assert ",file=src/a%2Cb%3Ac%25.py,line=1," in line
        assert "::a,b:c%25.py:1:1: VS202 " in line

    def test_a_cell_is_in_the_text(self, shell: Shell) -> None:
        shell.write("n.ipynb", NOTEBOOK)
        (line,) = self.lines(shell)
        assert ",file=n.ipynb,line=1::n.ipynb:cell 1:2:1: VS201 " in line

    def test_nothing_breaks_out_of_a_command(self) -> None:
        bad = "100%, a=b,line=7::error ::x%0A\r\n::error::y"
        line = _rendered("github", bad)
        assert line.count("\n") == 1
        name, properties, message = parsed(line[:-1])
        assert name == "error"
        shown = bad.replace("\r", "\\x0d").replace("\n", "\\x0a")
        assert properties == {
            "title": "varsync VS201 rule",
            "file": shown,
            "line": "1",
            "endLine": "1",
            "col": "1",
            "endColumn": "3",
        }
        assert message.splitlines()[0] == f"{shown}:1:1: VS201 {shown}"
        # what is said in several lines stays so
        assert message.splitlines()[1] == "100%, a=b,line=7::error ::x%0A"


class TestGitlab:
    """The keys that GitLab's documentation lists.

    Checked: "Code quality report format" of GitLab's page on Code Quality: a list of objects with
    description, check_name, fingerprint (unique, or only one of them is shown), severity (info,
    minor, major, critical, blocker), location.path (relative) and location.positions.begin.line;
    no byte order mark. Other keys are ignored there.
    """

    def test_all_that_is_read_is_there(self, shell: Shell) -> None:
        for name in ("a.py", "b.py", "deep/er/a.py"):
            shell.write(name, "error_vs101; error_vs101\nwarning_vs201\nnote_vs202\n" * 2)
        shell.write("c.py", b"\0")
        text = shell("lint", "--output-format", "gitlab").out
        assert text.isascii()
        objects = json.loads(text)
        assert len(objects) == len({one["fingerprint"] for one in objects}) == 25
        for one in objects:
            assert all(one[key] for key in ("description", "check_name", "fingerprint"))
            assert one["severity"] in ("info", "minor", "major", "critical", "blocker")
            assert (shell.folder / one["location"]["path"]).is_file()
            assert not one["location"]["path"].startswith(("/", "."))
            assert one["location"]["positions"]["begin"]["line"] >= 1

    def objects(self, shell: Shell) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(shell("lint", "--output-format", "gitlab").out)
        return found

    def test_an_object(self, shell: Shell) -> None:
        shell.write("src/train.py", TEXT)
        (one,) = self.objects(shell)
        assert len(one.pop("fingerprint")) > 32
        assert one == {
            "description": "VS201 warning_vs201 is misused",
            "check_name": "VS201",
            "severity": "major",
            "location": {
                "path": "src/train.py",
                "positions": {
                    "begin": {"line": 6, "column": 14},
                    "end": {"line": 6, "column": 27},
                },
            },
        }

    def test_fingerprints_differ_and_outlive_other_lines(self, shell: Shell) -> None:
        shell.write("a.py", "error_vs101; error_vs101\nwarning_vs201\n")
        before = [one["fingerprint"] for one in self.objects(shell)]
        shell.write("a.py", "x = 1\n\n  error_vs101; error_vs101\ny = 2\nwarning_vs201\n")
        assert [one["fingerprint"] for one in self.objects(shell)] == before
        assert len(set(before)) == 3

    def test_nothing_is_an_empty_list(self, shell: Shell) -> None:
        shell.write("a.py", "")
        assert self.objects(shell) == []

    def test_a_cell_is_in_the_text(self, shell: Shell) -> None:
        shell.write("n.ipynb", NOTEBOOK)
        (one,) = self.objects(shell)
        assert one["description"] == "VS201 cell 1:2: warning_vs201 is misused"
        assert one["location"]["positions"]["begin"] == {"line": 1, "column": 1}


JUNIT = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {
        *("name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp"),
        *("hostname", "id", "package", "file", "log", "url", "version"),
    },
    "testcase": {"name", "time", "classname", "group", "file", "line"},
    "failure": {"type", "message"},
}


class TestJunit:
    """There is no standard; Jenkins's is the schema that most have.

    Checked: junit-10.xsd of Jenkins's xUnit plugin, with xmlschema. A report is valid but for `file`
    and `line` of a test case, which that schema does not know: pytest's xunit1 writes them, and
    GitLab and CircleCI read them.
    """

    def test_all_is_in_the_schema(self, shell: Shell) -> None:
        shell.write("a.py", TEXT)
        shell.write("b.py", "")
        root = ElementTree.fromstring(shell("lint", "--output-format", "junit").out)
        for element in root.iter():
            assert set(element.attrib) <= JUNIT[element.tag]
        for suite in root:
            assert {"name", "tests", "failures", "errors"} <= set(suite.attrib)
            assert int(suite.attrib["tests"]) == len(suite) >= 1

    def test_any_text_is_xml(self) -> None:
        root = ElementTree.fromstring(_rendered("junit", "<a>&\"'\x01\x0b\ufffe\ud800]]>"))
        (case,) = root.iter("testcase")
        assert case.attrib["classname"] == "<a>&\"'\\x01\\x0b\\ufffe\\ud800]]>"

    def test_a_suite_a_file_and_a_case_a_finding(self, shell: Shell) -> None:
        shell.write("a.py", "x = 1\n  error_vs101\n\nnote_vs202 created_here\n")
        shell.write("b.py", "")
        root = ElementTree.fromstring(shell("lint", "--output-format", "junit").out)
        assert (root.tag, root.attrib) == (
            "testsuites",
            {"name": "varsync", "tests": "2", "failures": "2"},
        )
        first, second = root
        assert first.attrib == {
            "name": "a.py",
            "tests": "2",
            "failures": "2",
            "errors": "0",
            "skipped": "0",
        }
        case = first[0]
        assert case.attrib == {
            "name": "VS101 none-under-strategy 2:3",
            "classname": "a.py",
            "file": "a.py",
            "line": "2",
        }
        assert case[0].attrib == {"type": "error", "message": "error_vs101 is misused"}
        assert case[0].text is not None
        assert "a.py:4:12: created here\nTensorFlow does this\nand that\n" in case[0].text
        assert [one.tag for one in second] == ["testcase"] and not len(second[0])


SCHEMA = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0.json").read_bytes())


class TestSarif:
    def run(self, shell: Shell) -> dict[str, Any]:
        """The one run of the document, which is valid."""
        document = json.loads(shell("lint", "--output-format", "sarif").out)
        Draft7Validator(SCHEMA).validate(document)
        assert document["version"] == "2.1.0"
        (run,) = document["runs"]
        found: dict[str, Any] = run
        return found

    def test_a_result(self, shell: Shell) -> None:
        shell.write("src/my train.py", TEXT)
        run = self.run(shell)
        (result,) = run["results"]
        artifact = {"uri": "src/my%20train.py", "uriBaseId": "%SRCROOT%"}
        assert len(result.pop("partialFingerprints")["varsync/v1"]) > 32
        assert result == {
            "ruleId": "VS201",
            "ruleIndex": 0,
            "level": "warning",
            "message": {
                "text": "warning_vs201 is misused\nTensorFlow does this\nand that\nwrite it so"
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": artifact,
                        "region": {
                            "startLine": 6,
                            "startColumn": 14,
                            "endLine": 6,
                            "endColumn": 27,
                        },
                    }
                }
            ],
            "relatedLocations": [
                {
                    "id": 1,
                    "physicalLocation": {
                        "artifactLocation": artifact,
                        "region": {
                            "startLine": 3,
                            "startColumn": 1,
                            "endLine": 3,
                            "endColumn": 13,
                        },
                    },
                    "message": {"text": "created here"},
                }
            ],
        }
        assert run["originalUriBaseIds"] == {"%SRCROOT%": {"uri": shell.folder.as_uri() + "/"}}

    def test_only_rules_that_spoke_are_listed_with_their_pages(self, shell: Shell) -> None:
        shell.write("a.py", "note_vs202\nerror_vs101\nnote_vs202\n")
        run = self.run(shell)
        rules = run["tool"]["driver"]["rules"]
        assert [rule["id"] for rule in rules] == ["VS101", "VS202"]
        assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [
            "VS202",
            "VS101",
            "VS202",
        ]
        assert rules[1]["help"]["markdown"].startswith("# VS202: sum-of-identical-updates\n")

    def test_what_is_suppressed_is_marked(self, shell: Shell) -> None:
        shell.write("a.py", "note_vs202  # varsync: ignore[VS202]\nerror_vs101\n")
        results = self.run(shell)["results"]
        assert [(one["ruleId"], one.get("suppressions")) for one in results] == [
            ("VS101", None),
            ("VS202", [{"kind": "inSource"}]),
        ]

    def test_nothing_is_a_whole_document(self, shell: Shell) -> None:
        shell.write("a.py", "")
        run = self.run(shell)
        assert run["results"] == run["tool"]["driver"]["rules"] == []

    def test_a_cell_is_a_logical_location(self, shell: Shell) -> None:
        shell.write("n.ipynb", NOTEBOOK)
        (result,) = self.run(shell)["results"]
        (location,) = result["locations"]
        assert location["logicalLocations"] == [{"name": "cell 1", "kind": "module"}]
        assert location["physicalLocation"]["region"] == {"startLine": 1}
        assert result["message"]["text"].startswith("cell 1:2:1: warning_vs201")


@pytest.mark.parametrize("shape", [choice.value for choice in OutputFormat])
def test_no_format_fails_for_an_empty_folder(shell: Shell, shape: str) -> None:
    ran = shell("lint", "--output-format", shape)
    assert ran.code == 0
    assert "no Python files found" in (ran.out if OutputFormat(shape).is_for_people else ran.err)


def _rendered(shape: str, bad: str) -> str:
    """A report of which every text is this one."""
    span = Span(bad, 1, 1, 1, 3)
    finding = Finding(
        "VS201", "rule", Severity.ERROR, bad, span, (Related(span, bad),), f"{bad}\n{bad}", bad
    )
    source = Source(bad, Path("/x"), f"'{bad}'\n".encode(errors="replace"))
    return render(shape, Report([finding], [bad], {bad: source}), Style())
