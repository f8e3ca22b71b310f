"""The parser of the rules' pages: what it reads, and what it says of a malformed page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from varsync_rules.findings import Severity
from varsync_rules.pages import HEADINGS, Marker, PageError, load, parse

PAGE = """\
# VS999: some-rule

## What it does
Says a thing.

## Why is this bad?
Because.

## Example
Some words.

```python
import tensorflow as tf
v = tf.Variable(0)  # error: VS999, warning: VS201
print(v)  # note: VS999
```

## Use instead
```python workers=2
print("## Example")
```

## Fix safety
No automatic fix.

## What TensorFlow says
TensorFlow 2.21.0:

```text example raises
ValueError: the first line
the second
```

```text example prints
before
```

```text use-instead prints
## Example
```

## What it does not see
Much.

## More examples
Reported, since
it is wrong:

```python
x = 1  # varsync: ignore[VS201]  # error: VS999
```
Not reported, since nobody knows `v`:
```python
v.assign(1)
```

## References
- [TensorFlow](https://www.tensorflow.org)
"""


def without(text: str) -> str:
    assert text in PAGE
    return PAGE.replace(text, "", 1)


def replaced(old: str, new: str) -> str:
    assert old in PAGE
    return PAGE.replace(old, new, 1)


def test_reads_code_name_and_sections() -> None:
    page = parse(PAGE, "vs999_some_rule.md")
    assert (page.code, page.name) == ("VS999", "some-rule")
    assert page.file_name == "vs999_some_rule.md"
    assert tuple(section.heading for section in page.sections) == HEADINGS
    assert page.section("Why is this bad?").text == "Because."
    with pytest.raises(KeyError):
        page.section("Options")


def test_reads_programs_with_their_markers() -> None:
    page = parse(PAGE, "page.md")
    assert page.example.text.splitlines()[0] == "import tensorflow as tf"
    assert PAGE.splitlines()[page.example.line - 1] == "import tensorflow as tf"
    assert page.example.markers == (
        Marker(2, Severity.ERROR, "VS999"),
        Marker(2, Severity.WARNING, "VS201"),
        Marker(3, Severity.NOTE, "VS999"),
    )
    assert page.use_instead.markers == ()
    assert [program.workers for program in page.programs] == [1, 2, 1, 1]
    assert [program.intro for program in page.more] == [
        "Reported, since it is wrong:",
        "Not reported, since nobody knows `v`:",
    ]
    assert page.more[0].markers == (Marker(1, Severity.ERROR, "VS999"),)


def test_reads_what_tensorflow_was_seen_to_do() -> None:
    page = parse(PAGE, "page.md")
    assert [(each.outcome, each.text) for each in page.expected("example")] == [
        ("raises", "ValueError: the first line\nthe second"),
        ("prints", "before"),
    ]
    assert page.expected("example")[0].raised == ("ValueError", "the first line\nthe second")
    assert [each.text for each in page.expected("use-instead")] == ["## Example"]
    assert page.not_run == ""


def test_a_page_may_name_an_exception_without_words() -> None:
    text = replaced("ValueError: the first line\nthe second", "AssertionError")
    assert parse(text, "page.md").expected("example")[0].raised == ("AssertionError", "")


def test_a_page_may_say_why_nothing_was_run() -> None:
    start = PAGE.index("```text example raises")
    stop = PAGE.index("## What it does not see")
    page = parse(PAGE[:start] + "```text not run\nNeeds a TPU.\n```\n\n" + PAGE[stop:], "page.md")
    assert page.not_run == "Needs a TPU."
    assert page.expectations == ()


@pytest.mark.parametrize(
    ("begins", "fix"),
    [
        ("No automatic fix: by hand.", "none"),
        ("Safe: it raises.", "safe"),
        ("Unsafe: it changes.", "unsafe"),
        ("Sometimes safe.", "sometimes"),
    ],
)
def test_the_section_about_fixes_begins_with_how_safe_they_are(begins: str, fix: str) -> None:
    assert parse(replaced("No automatic fix.", begins), "page.md").fix == fix


def test_loads_a_file(tmp_path: Path) -> None:
    file = tmp_path / "vs999_some_rule.md"
    file.write_text(PAGE, encoding="utf-8")
    assert load(file) == parse(PAGE, "vs999_some_rule.md")


# Per case: the page, how the line begins that the error must name, and words of the error.
MALFORMED = {
    "title of another form": (replaced("# VS999: ", "# VS999 "), "# VS999", "the first line must"),
    "two titles": (PAGE + "\n# VS998: other\n", "# VS998", "one title"),
    "missing heading": (
        without("## Fix safety\nNo automatic fix.\n\n"),
        "## What TensorFlow says",
        "expected the heading '## Fix safety' here, found '## What TensorFlow says'",
    ),
    "missing last heading": (
        without("## References\n- [TensorFlow](https://www.tensorflow.org)\n") + "The end.",
        "The end.",
        "the heading '## References' is missing",
    ),
    "extra heading": (PAGE + "\n## Options\n", "## Options", "'## Options' is no heading"),
    "empty section": (without("Because.\n"), "## Why", "has nothing under it"),
    "unknown fix safety": (
        replaced("No automatic fix.", "It is safe."),
        "## Fix safety",
        "begins with one of 'No automatic fix', 'Safe', 'Unsafe', 'Sometimes safe'",
    ),
    "open block": (PAGE + "\n```python v\n", "```python v", "never closed"),
    "no example": (
        replaced("```python\nimport", "```text code\nimport"),
        "```text code",
        "'## Example' takes python blocks only",
    ),
    "two programs": (
        replaced("## Fix safety", "```python\n1\n```\n## Fix safety"),
        "## Use instead",
        "'## Use instead' must have one python block, not 2",
    ),
    "unknown info string": (
        replaced("python workers=2", "python worker=2"),
        "```python worker=2",
        "'python worker=2' is not",
    ),
    "unchecked program": (
        replaced("No automatic fix.", "Safe.\n```python fix\n1\n```"),
        "```python fix",
        "would go unchecked",
    ),
    "marker without a code": (replaced("warning: VS201", "warning:"), "v = tf", "not a marker"),
    "marker with a short code": (replaced("note: VS999", "note: VS9"), "print(v)", "'note: VS9'"),
    "no prose before an example": (
        replaced("Not reported, since nobody knows `v`:\n```python", "```python workers=3"),
        "```python workers=3",
        "say in a line above the block",
    ),
    "unknown expectation": (
        replaced("text example prints", "text example print"),
        "```text example print",
        "'text example print' is not",
    ),
    "the same expectation twice": (
        replaced("text example prints", "text example raises"),
        "```text example raises",
        "a second block",
    ),
    "no exception's name": (
        replaced("ValueError: the", "the"),
        "```text example raises",
        "write 'ExceptionClass: part of the message'",
    ),
    "raises and hangs": (
        replaced("text example prints", "text example hangs"),
        "```text example raises",
        "cannot both raise and hang",
    ),
    "run and not run": (
        replaced("text example prints", "text not run"),
        "```text example raises",
        "also says that nothing was run",
    ),
    "not run without a reason": (
        replaced("text example prints\nbefore\n", "text not run\n"),
        "```text not run",
        "say in the block why",
    ),
}


@pytest.mark.parametrize(("text", "place", "message"), MALFORMED.values(), ids=MALFORMED)
def test_says_what_is_wrong_with_a_malformed_page(text: str, place: str, message: str) -> None:
    with pytest.raises(PageError, match=re.escape(message)) as raised:
        parse(text, "page.md")
    assert str(raised.value).startswith(f"page.md:{raised.value.line}: ")
    assert text.splitlines()[raised.value.line - 1].startswith(place)


def test_an_empty_page_is_malformed() -> None:
    with pytest.raises(PageError, match=r"^page.md:1: the first line must be"):
        parse("", "page.md")
