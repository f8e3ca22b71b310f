"""What is open: positions in the editor's units, changes, notebooks, names of files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from varsync.server.documents import Document, Documents
from varsync.server.positions import Position, characters, lines, replaced, units
from varsync.server.uris import path_of, uri_of

EMOJI = "x = '😀é' + y"


@pytest.mark.parametrize(("encoding", "long"), [("utf-8", 15), ("utf-16", 12), ("utf-32", 11)])
def test_columns_are_counted_in_the_units_of_the_encoding(encoding: str, long: int) -> None:
    assert units(EMOJI, encoding) - len(" + ") == long - len(" + ") + 1
    for count in range(len(EMOJI) + 1):
        column = units(EMOJI[:count], encoding)
        assert characters(EMOJI, column, encoding) == count
    assert characters(EMOJI, 1000, encoding) == len(EMOJI)


@pytest.mark.parametrize(
    ("start", "end", "new", "expected"),
    [
        ((0, 0), (0, 0), "a", "a😀b\r\nc\x0cd\re\n"),
        ((0, 2), (0, 3), "", "😀\r\nc\x0cd\re\n"),
        ((0, 3), (1, 0), " ", "😀b c\x0cd\re\n"),
        # a form feed is no end of a line, a carriage return is one
        ((1, 2), (1, 3), "D", "😀b\r\nc\x0cD\re\n"),
        ((2, 0), (2, 1), "E", "😀b\r\nc\x0cd\rE\n"),
        # a column beyond the end is the end, without what ends the line
        ((0, 99), (0, 99), "!", "😀b!\r\nc\x0cd\re\n"),
        ((3, 0), (9, 0), "f", "😀b\r\nc\x0cd\re\nf"),
    ],
)
def test_a_change_replaces_a_range(start: Position, end: Position, new: str, expected: str) -> None:
    assert replaced("😀b\r\nc\x0cd\re\n", start, end, new, "utf-16") == expected


def test_lines_are_those_of_python() -> None:
    assert lines("a\x0cb\u2028c\r\nd\re\n") == ["a\x0cb\u2028c", "d", "e", ""]


def test_a_document_is_the_bytes_that_it_would_be_saved_as(tmp_path: Path) -> None:
    documents = Documents()
    for number, (text, data) in enumerate(
        [
            ("é", "é".encode()),
            ("# coding: latin-1\né", b"# coding: latin-1\n\xe9"),
            (
                "#!/bin/sh\n# -*- coding: cp1252 -*-\n€",
                b"#!/bin/sh\n# -*- coding: cp1252 -*-\n\x80",
            ),
            ("\n\n# coding: latin-1\né", "\n\n# coding: latin-1\né".encode()),
            ("# coding: rot13\né", "# coding: rot13\né".encode()),
            # what can't be written keeps its place
            ("# coding: ascii\né", b"# coding: ascii\n?"),
            ("\udc80", b"?"),
        ]
    ):
        uri = (tmp_path / f"{number}.py").as_uri()
        path = documents.open(Document(uri, "python", 1, text))
        assert path is not None
        assert documents.files[path].data == data


def test_what_is_no_python_file_is_not_checked(tmp_path: Path) -> None:
    documents = Documents(folder=str(tmp_path))
    for uri, language in [
        ((tmp_path / "a.toml").as_uri(), "toml"),
        ((tmp_path / "a.ipynb").as_uri(), "python"),
        ("git:/a.py?ref=HEAD", "python"),
        ("output:1", "python"),
        ("file://[", "python"),
    ]:
        assert documents.open(Document(uri, language, 1, "x")) is None
        assert documents.change(uri, 2, ["y"]) is None
        assert documents.close(uri) is None
    assert documents.change("file:///never.py", 1, ["x"]) is None
    assert documents.files == {}


def test_revisions_tell_which_file_was_changed_last(tmp_path: Path) -> None:
    documents = Documents()
    uris = [(tmp_path / name).as_uri() for name in ("a.py", "b.py")]
    a, b = (documents.open(Document(uri, "python", 1, "")) for uri in uris)
    assert a is not None
    assert b is not None
    assert documents.files[a].changed < documents.files[b].changed == documents.revision
    documents.change(uris[0], 2, [((0, 0), (0, 0), "x"), ((0, 1), (0, 1), "y")])
    assert documents.files[a].parts[0].text == "xy"
    assert documents.files[a].changed == documents.revision > documents.files[b].changed
    documents.close(uris[0])
    assert documents.file_of(uris[0]) is None
    assert list(documents.files) == [b]


def cells(documents: Documents, path: str) -> list[tuple[str, str]]:
    notebook = json.loads(documents.files[path].data)
    return [(cell["cell_type"], cell["source"]) for cell in notebook["cells"]]


def test_a_notebook_is_its_cells(tmp_path: Path) -> None:
    documents = Documents()
    notebook = (tmp_path / "a.ipynb").as_uri()

    def text(name: str, language: str = "python") -> Document:
        return Document(f"cell:{name}", language, 1, name)

    path = documents.open_notebook(
        notebook, ["cell:a", "cell:m", "cell:b"], [text("a"), text("m", "markdown"), text("b")]
    )
    assert path == str(tmp_path / "a.ipynb")
    assert cells(documents, path) == [("code", "a"), ("raw", ""), ("code", "b")]
    assert [cell for _, cell in filter(None, map(documents.file_of, ["cell:a", "cell:b"]))] == [
        1,
        3,
    ]
    assert documents.file_of("cell:m") is None

    # one goes, one comes
    changed = documents.change_cells(notebook, 0, 2, ["cell:c"], [text("c")], ["cell:a", "cell:m"])
    assert changed == path
    assert documents.change("cell:c", 2, ["C"]) == path
    assert cells(documents, path) == [("code", "C"), ("code", "b")]
    assert documents.file_of("cell:a") is None

    # they change places
    documents.change_cells(notebook, 0, 2, ["cell:b", "cell:c"], [], [])
    assert cells(documents, path) == [("code", "b"), ("code", "C")]

    assert documents.close_notebook(notebook, ["cell:b", "cell:c"]) == path
    assert documents.files == {}
    assert documents.change_cells(notebook, 0, 0, [], [], []) is None
    assert documents.open_notebook("git:/a.ipynb", [], []) is None


def test_an_empty_notebook_is_one(tmp_path: Path) -> None:
    documents = Documents()
    path = documents.open_notebook((tmp_path / "a.ipynb").as_uri(), [], [])
    assert path is not None
    assert cells(documents, path) == []


def test_names_of_files(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    odd = folder / "a b;c#d?é%.py"
    assert path_of(uri_of(str(odd))) == str(odd)
    assert path_of(f"file://localhost{folder}/a.py") == str(folder / "a.py")
    assert path_of("untitled:Untitled-1", str(folder)) == str(folder / "Untitled-1")
    assert path_of(f"untitled:{folder}/new.py") == str(folder / "new.py")
    unsaved = path_of("untitled:Untitled-1")
    assert unsaved is not None
    assert not Path(unsaved).parent.exists()
    assert path_of("https://example.com/a.py") is None


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert path_of((tmp_path / "link" / "a.py").as_uri()) == str(tmp_path.resolve() / "real/a.py")


def test_a_notebook_that_was_never_saved_has_the_name_of_one() -> None:
    documents = Documents()
    path = documents.open_notebook("untitled:Untitled-1", [], [])
    assert path is not None
    assert path.endswith("Untitled-1.ipynb")
