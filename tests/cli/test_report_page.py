"""docs/report.md lists what a run can show under which code.

python -m tests.cli.test_report_page      writes the list into the page
"""

from __future__ import annotations

import re
from pathlib import Path

from varsync_rules.registry import rules
from varsync_runtime import diagnosis
from varsync_runtime.diagnosis.observations import CODES, SEEN
from varsync_runtime.diagnosis.rejections import WORDS

PAGE = Path(__file__).parents[2] / "docs" / "report.md"
LIST = re.compile(r"(?<=<!-- observations -->\n).*?(?=<!-- end -->)", re.DOTALL)
CODE = re.compile(r'"(VS\d{3})"')


def listed() -> str:
    """The list as Markdown, and which rules it leaves out."""
    raised = {code for code, _ in WORDS}
    rows = ["| code | rule | what is seen | TensorFlow raises |", "|---|---|---|---|"]
    left_out = []
    for rule in rules():
        if rule.code in CODES:
            raises = "yes" if rule.code in raised else ""
            rows.append(f"| {rule.code} | {rule.name} | {SEEN[rule.code]} | {raises} |")
        else:
            left_out.append(rule.code)
    others = f"No run tells of {', '.join(left_out)} by their codes."
    return "\n".join([*rows, "", others, ""])


def test_the_page_lists_them() -> None:
    match = LIST.search(PAGE.read_text(encoding="utf-8"))
    assert match is not None
    assert match[0] == listed()


def test_what_is_listed_is_what_is_looked_for() -> None:
    folder = Path(diagnosis.__file__).parent
    texts = [
        file.read_text(encoding="utf-8")
        for file in folder.glob("*.py")
        if file.name != "observations.py"
    ]
    assert {code for text in texts for code in CODE.findall(text)} == CODES
    # what nothing but an exception shows is looked for by its words
    assert {code for code, what in SEEN.items() if not what} <= {code for code, _ in WORDS}


if __name__ == "__main__":
    PAGE.write_text(
        LIST.sub(lambda _: listed(), PAGE.read_text(encoding="utf-8")), encoding="utf-8"
    )
