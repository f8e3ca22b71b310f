"""Text that somebody else chose, and that would be more than text somewhere."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<!-- ",
    "]]>",
    "&lt;b&gt; &amp; &#60;",
    "\\u003c/script>",
    "\x00\x1b[31m\x07\x7f\x9b",
    "\x1b]8;;http://x.example\x07here\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[1;1H\x1bc\x9d0;title\x9c",
    "over\rwritten\b\b\x0b\x0c\x85",
    "\u202egnirts\u2066\u200b\u2028\u2029\ufeff\U000e0041",
    "\ud800 \udfff",
    "`</code>`",
    "[bold]{{constructor}}${1}",
    "[red]r[/red] [link=http://x.example]l[/link] :bomb: [/]",
    "[l](command:x) ![i](http://x.example/i.png) **b** | # h",
    "{x} %s %0A %(n)s {0.__class__} \\1 \\n",
    '","b":[1,{"c":"\\',
    "=cmd|' /C calc'!A0",
    "\n::error file=a.py::owned\n##[error]owned",
    "n" * 3000,
    "שלום عربي",
    "a\r\nb\tc",
)
ANY = st.text(st.characters(exclude_categories=()), max_size=40)
HOSTILES = st.lists(st.sampled_from(HOSTILE)).map("".join)
TEXTS = st.one_of(st.sampled_from(HOSTILE), ANY, HOSTILES).map(lambda text: f"x{text}")


def controls(text: str) -> set[str]:
    """The characters that control a terminal, or turn, part or hide text; an end of a line does not."""
    kinds = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return {one for one in {*text} - {"\n"} if unicodedata.category(one) in kinds}
