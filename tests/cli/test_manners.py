"""What people suffer from in linters: a test for each, named after what happens here instead.

Where the behaviour has its test elsewhere it is not written twice:

- findings make it exit with 1, and usage with 2: test_lint.TestExitCode
- unknown rules of every option, and of a configuration: test_config.TestMistakes
- a path that is missing, zero files, 2,000 files by name, excluded files that are passed by name and
  a project below a folder called build: test_discovery.TestNothing, TestFilesByName
- comments: which cover what, statements of several lines, words in strings, lists with and without
  spaces, comments that silence nothing: tests/rules/test_suppressions.py
- fixes leave what is silenced alone, say why they are unsafe, are several on a line, remove unused
  comments, and are in SARIF: test_fix; those that touch at one point: tests/rules/fixes/test_changes.py
- syntax errors are findings; thousands of operands, files without an end: test_bad_input
- a reader that goes away, Ctrl-C, closed streams, what is imported at the start: test_app
- SARIF is valid without findings, has rules that spoke and what is suppressed: test_reports.TestSarif
- old findings are counted by file and rule: test_baseline; comments for all findings: test_add_noqa
- the hook in pre-commit: test_pre_commit
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import varsync.configuration.config
import varsync.configuration.tables
import varsync.linting.checking
import varsync_rules.registry

from tests.cli.conftest import Shell

HEAD = """\
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
"""
NONE = "tf.VariableSynchronization.NONE"
BAD = f"{HEAD}with strategy.scope():\n    v = tf.Variable(0.0, synchronization={NONE})\n"
"""The finding is an error, VS101, in line 5, and its fix is safe."""


def codes(shell: Shell, *words: str) -> list[str]:
    """The findings by their places, as `Shell.found`, of errors alone."""
    return [line for line in shell.found(*words) if "VS1" in line]


class TestNames:
    """How a program calls TensorFlow's things does not matter."""

    @pytest.mark.parametrize(
        "program",
        [
            "import tensorflow as tf2\nS = tf2\nv = tf2.Variable(0.0, synchronization={mode})",
            "import tensorflow.compat.v2 as tf2\nv = tf2.Variable(0.0, synchronization={mode})",
            "from tensorflow import Variable as V\nv = V(0.0, synchronization={mode})",
            "from tensorflow import (Variable as V\n    , float32)\nv = V(0.0, synchronization={mode})",
            "import tensorflow as tf\nVar = tf.Variable\nv = Var(0.0, synchronization={mode})",
            "import tensorflow as tf\nkw = {{'synchronization': {mode}}}\n\nv = tf.Variable(0.0, **kw)",
            "import tensorflow as tf\nkw = dict(synchronization={mode})\n\nv = tf.Variable(0.0, **kw)",
            "from tf_compat import tf\nv = tf.Variable(0.0, synchronization={mode})",
            "import functools\nimport tensorflow as tf\n"
            "V = functools.partial(tf.Variable, synchronization={mode})\nv = V(0.0)",
            "import tensorflow as tf\nfrom modes import MODE\nv = tf.Variable(0.0, synchronization=MODE)",
            "from package.modes import *\nv = tf.Variable(0.0, synchronization=MODE)",
        ],
    )
    def test_aliases_are_followed(self, real: Shell, program: str) -> None:
        imports = "import tensorflow as tf\n"
        real.write(
            "tf_compat.py", "try:\n    import tensorflow as tf\nexcept ImportError: tf = None\n"
        )
        real.write("modes.py", f"{imports}MODE = {NONE}\n")
        real.write("package/__init__.py", "")
        real.write("package/modes.py", f"from .values import *\n{imports}")
        real.write("package/values.py", f"{imports}MODE = {NONE}\n")
        lines = program.format(mode=NONE.replace("tf.", "tensorflow.")).splitlines()
        made = lines.pop()
        text = "\n".join(
            [
                "import tensorflow",
                *lines,
                "with tensorflow.distribute.MirroredStrategy().scope():",
                f"    {made}",
            ]
        )
        real.write("train.py", text + "\n")
        assert codes(real) == [f"train.py:{len(lines) + 3} VS101"]

    def test_a_script_that_never_names_tensorflow(self, real: Shell) -> None:
        made = "strategy = tf.distribute.MirroredStrategy()\nwith strategy.scope():\n"
        real.write("made.py", f"import tensorflow as tf\n{made}    total = tf.Variable(0.0)\n")
        step = "def step(x):\n    total.assign_add(x)\n\n\n"
        loop = (
            "for x in strategy.experimental_distribute_dataset(data):\n    strategy.run(step, (x,))"
        )
        real.write(
            "train.py", f"from made import strategy, total\nfrom data import data\n{step}{loop}\n"
        )
        assert real.found() == real.found("train.py") == ["train.py:4 VS201"]

    @pytest.mark.parametrize(
        "mode",
        [
            "mode",
            "flags['mode']",
            "getattr(tf.VariableSynchronization, name)",
            "MODES[name]",
        ],
    )
    def test_a_mode_that_is_not_known_is_no_finding(self, real: Shell, mode: str) -> None:
        real.write(
            "a.py",
            f"{HEAD}def make(mode, flags, name):\n    with strategy.scope():\n"
            f"        return tf.Variable(0.0, synchronization={mode})\n",
        )
        assert codes(real) == []

    def test_what_a_name_was_before_does_not_count(self, real: Shell) -> None:
        real.write(
            "a.py",
            f"{HEAD}mode = {NONE}\nmode = tf.VariableSynchronization.AUTO\n"
            "with strategy.scope():\n    v = tf.Variable(0.0, synchronization=mode)\n",
        )
        assert codes(real) == []

    @pytest.mark.parametrize(
        ("words", "is_known"),
        [
            (f"kw = {{}}; kw['synchronization'] = {NONE}", True),
            (f"kw = {{}}; kw |= {{'synchronization': {NONE}}}", True),
            (f"kw = dict(trainable=False); kw.update(synchronization={NONE})", True),
            (f"kw = {{**{{'synchronization': {NONE}}}, 'name': 'v'}}", True),
            (f"kw = {{'synchronization': {NONE}}}; kw.pop('synchronization')", False),
            (f"kw = {{'synchronization': {NONE}}}; del kw['synchronization']", False),
            (f"kw = {{'synchronization': {NONE}}}; kw['synchronization'] = {NONE[:-4]}AUTO", False),
        ],
    )
    def test_keywords_of_a_dict_are_those_that_it_has_then(
        self, real: Shell, words: str, is_known: bool
    ) -> None:
        real.write(
            "a.py", f"{HEAD}{words}\nwith strategy.scope():\n    v = tf.Variable(0.0, **kw)\n"
        )
        assert codes(real) == (["a.py:6 VS101"] if is_known else [])

    def test_what_a_decorators_result_gives_is_no_decorator(self, real: Shell) -> None:
        """`decorator()(x)` is not a call of `decorator`, and a method of a literal is nothing."""
        real.write(
            "a.py",
            f"{HEAD}import functools\n"
            "def variable(**modes):\n    return lambda value: value\n"
            "Variable = variable\n"
            f"v = Variable(synchronization={NONE})(0.0)\n"
            "name = '.'.join(['tf', 'Variable'])\n"
            f"w = ''.join(['tf', '.Variable'])(0.0, synchronization={NONE}) if strategy else None\n"
            f"u = (lambda: tf)().constant(0.0, synchronization={NONE})\n",
        )
        assert codes(real) == []

    def test_a_call_of_a_call_is_followed(self, real: Shell) -> None:
        real.write(
            "a.py",
            f"{HEAD}def maker():\n    return tf.Variable\n"
            f"with strategy.scope():\n    v = maker()(0.0, synchronization={NONE})\n",
        )
        assert codes(real) == ["a.py:7 VS101"]

    def test_another_variable_is_not_tensorflows(self, real: Shell) -> None:
        real.write(
            "a.py",
            f"{HEAD}class Variable:\n    def __init__(self, *_, **modes): ...\n"
            f"with strategy.scope():\n    v = Variable(0.0, synchronization={NONE})\n",
        )
        assert codes(real) == []


class TestPlaces:
    def test_lines_and_columns_begin_with_one(self, real: Shell) -> None:
        real.write("a.py", "import tensorflow as tf; x: tf.Variable = (\n")
        real.write("b.py", b"\0")
        assert real("lint", "a.py", "--output-format=concise").out.startswith("a.py:1:43: ")
        for shape in ("json", "json-lines"):
            text = real("lint", "b.py", "--output-format", shape).out
            entry = json.loads(text)
            entry = entry[0] if shape == "json" else entry
            assert entry["location"] == {"row": 1, "column": 1}
        run = json.loads(real("lint", "b.py", "--output-format=sarif").out)["runs"][0]
        (location,) = run["results"][0]["locations"]
        assert set(location["physicalLocation"]["region"].values()) == {1}

    def test_several_findings_on_one_line_are_all_told(self, real: Shell) -> None:
        one = f"tf.Variable(0.0, synchronization={NONE})"
        real.write("a.py", f"{HEAD}with strategy.scope(): v, w = {one}, {one}\n")
        assert codes(real) == ["a.py:4 VS101"] * 2
        run = json.loads(real("lint", "--output-format=sarif").out)["runs"][0]
        prints = {json.dumps(one["partialFingerprints"]) for one in run["results"]}
        assert len(prints) == 2
        assert real("lint", "--fix").code == 0
        assert "synchronization" not in (real.folder / "a.py").read_text()

    @pytest.mark.parametrize("where", [".", "deep/er", "/"])
    def test_sarif_names_files_from_the_root_of_the_repository(
        self, real: Shell, where: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = real.write("deep/er/a.py", BAD)
        monkeypatch.chdir(real.folder / where)
        prints = []
        for path in (str(file), "."):
            if where == "/" and path == ".":
                continue
            run = json.loads(real("lint", path, "--output-format=sarif").out)["runs"][0]
            (result,) = run["results"]
            artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
            if where != "/":
                assert artifact == {"uri": "deep/er/a.py", "uriBaseId": "%SRCROOT%"}
            prints.append(json.dumps(result["partialFingerprints"]))
        assert len(set(prints)) == 1


class TestNothingIsSilent:
    """What could not be done is said, and does not exit as if all were well."""

    WAYS = (
        ("lint",),
        ("lint", "--fix"),
        ("lint", "--fix-only"),
        ("lint", "--diff"),
        ("lint", "--add-noqa"),
        ("lint", "--statistics"),
        ("lint", "--exit-zero"),
        ("lint", "--fail-on", "never"),
        ("baseline", "update"),
    )

    @pytest.mark.parametrize("words", WAYS, ids=" ".join)
    def test_a_rule_that_crashes(
        self, real: Shell, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(*_: object) -> None:
            raise AttributeError("no such thing")

        real.write("a.py", BAD)
        monkeypatch.setattr(varsync_rules.registry.Rule, "check", crash)
        ran = real(*words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("varsync: this is a bug in varsync ")
        assert ran.err.count("\n") == 1
        assert (real.folder / "a.py").read_text() == BAD

    @pytest.mark.parametrize("words", WAYS, ids=" ".join)
    def test_a_rule_or_a_path_that_is_not_there(self, real: Shell, words: tuple[str, ...]) -> None:
        real.write("a.py", BAD)
        path = real(*words, "nosuch.py")
        assert (path.code, path.out) == (2, "")
        assert path.err == "varsync: nosuch.py: no such file or directory\n"
        rule = real(*words, "--select", "nosuch.rule")
        assert (rule.code, rule.out) == (2, "")
        assert "nosuch.rule" in rule.err or "--select" in rule.err
        assert (real.folder / "a.py").read_text() == BAD

    @pytest.mark.parametrize("words", [("--ignore", "ALL"), ("--per-file-ignores", "*.py:ALL")])
    def test_no_rule_at_all(self, real: Shell, words: tuple[str, ...]) -> None:
        real.write("a.py", BAD)
        assert real("lint", *words).out == "Nothing was checked: no rule is selected.\n"
        for way in ("-q", "--output-format=sarif"):
            ran = real("lint", *words, way)
            assert (ran.code, ran.err) == (0, "varsync: nothing was checked: no rule is selected\n")

    @pytest.mark.parametrize(
        "words", [("lint",), ("lint", "--fix"), ("lint", "--diff")], ids=" ".join
    )
    def test_a_file_that_does_not_parse(self, real: Shell, words: tuple[str, ...]) -> None:
        real.write("a.py", BAD + "x = (\n")
        ran = real(*words, "--output-format=concise")
        if "--diff" in words:
            assert (ran.code, ran.err) == (0, "Nothing to fix.\n")
        else:
            assert ran.code == 1
            assert "a.py:6:5: error VS901 not checked: " in ran.out
        assert (real.folder / "a.py").read_text() == BAD + "x = (\n"


class TestFixes:
    @pytest.mark.parametrize(
        ("imports", "prefix"),
        [
            ("import tensorflow as tensor_flow", "tensor_flow."),
            ("import tensorflow", "tensorflow."),
            ("import tensorflow.compat.v2 as tf", "tf."),
            ("from tensorflow import Variable, VariableAggregation, distribute", ""),
        ],
    )
    def test_what_the_file_calls_tensorflow_is_used(
        self, real: Shell, imports: str, prefix: str
    ) -> None:
        text = f"""\
{imports}

strategy = {prefix}distribute.MirroredStrategy()
with strategy.scope():
    total = {prefix}Variable(0.0, trainable=False)


def step(x):
    total.assign_add(x)


for x in strategy.experimental_distribute_dataset(dataset):
    strategy.run(step, args=(x,))
"""
        file = real.write("a.py", text)
        assert real("lint", "--fix", "--unsafe-fixes").code == 0
        added = f", aggregation={prefix}VariableAggregation.SUM)"
        assert file.read_text() == text.replace("trainable=False)", f"trainable=False{added}")

    def test_all_that_can_be_made_at_once_are_made_in_one_pass(
        self, real: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        passes = []
        check = varsync.linting.checking.check

        def counted(*words: Any, **options: Any) -> object:
            passes.append(words)
            return check(*words, **options)

        monkeypatch.setattr("varsync.linting.fixing.check", counted)
        made = f"    v = tf.Variable(0.0, synchronization={NONE})\n"
        real.write("a.py", f"{HEAD}with strategy.scope():\n{made * 100}")
        assert real("lint", "--fix").out.startswith("Fixed 100 findings.\n")
        assert len(passes) == 2

    @pytest.mark.slow
    def test_strings_by_the_thousand_are_checked_and_fixed_or_left(self, tmp_path: Path) -> None:
        """They end parsers that recurse, with the process, so that this is a process of its own."""
        text = BAD + "x = (\n" + "    'a'\n" * 5_000 + ")\n"
        file = tmp_path / "a.py"
        file.write_text(text)
        words = [sys.executable, "-m", "varsync", "lint", "--isolated", "a.py"]
        ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
        assert (ran.returncode, ran.stderr) == (1, "")
        assert "VS101" in ran.stdout
        ran = subprocess.run([*words, "--fix"], cwd=tmp_path, capture_output=True, text=True)
        assert ran.returncode in (0, 1)
        assert file.read_text() in (text, text.replace(f", synchronization={NONE}", ""))

    def test_code_that_formatters_refuse_is_checked(self, real: Shell) -> None:
        file = real.write("a.py", "from m import (a\n  as b)\n" + BAD)
        assert codes(real) == ["a.py:7 VS101"]
        assert real("lint", "--fix").code == 0
        assert "synchronization" not in file.read_text()


class TestCost:
    """Counted, not timed."""

    def test_a_file_without_a_word_of_interest_is_not_parsed(self, real: Shell) -> None:
        for name in range(400):
            real.write(f"a{name % 4}/b{name}/__init__.py", "")
        ran = real("lint", "-v", "--select", "VS1")
        assert ran.code == 0
        assert "varsync: parsed: 0\n" in ran.err

    def test_a_program_of_another_library_is_not_evaluated(self, real: Shell) -> None:
        text = "def train(strategy, x):\n    return strategy.run(x.assign, (keras,))\n"
        real.write("train.py", f"import torch\nimport steps\n{text}")
        steps = real.write("steps.py", text)
        assert "varsync: parsed: 0\n" in real("lint", "-v", "--select", "VS1").err
        steps.write_text(f"from common.library import tf\n{text}")
        assert "varsync: parsed: 2\n" in real("lint", "-v", "--select", "VS1").err

    def test_configuration_is_read_once(self, real: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        read: list[Path] = []
        read_table: Callable[..., object] = varsync.configuration.tables.read_table

        def counted(file: Path, **options: bool) -> object:
            read.append(file)
            return read_table(file, **options)

        monkeypatch.setattr(varsync.configuration.config, "read_table", counted)
        real.write("pyproject.toml", "[tool.varsync]\nignore = ['VS2']\n")
        names = [str(real.write(f"a{name % 4}/b{name}.py", "")) for name in range(100)]
        assert real("lint").code == 0
        assert real("lint", *names).code == 0
        assert len(read) == 2

    def test_one_name_assigned_again_and_again(self, real: Shell) -> None:
        lines = "".join(f"    x = x + {number}\n" for number in range(3000))
        file = real.write("a.py", f"{BAD}def f(x):\n{lines}    return x\nf(1)\n")
        assert codes(real) == ["a.py:5 VS101"]
        assert real("lint", "--fix").code == 0
        assert file.read_text().count("x = x +") == 3000

    @pytest.mark.slow
    @pytest.mark.parametrize("words", [(), ("--fix",), ("--output-format", "sarif")])
    def test_neither_the_network_nor_another_program_is_needed(
        self, tmp_path: Path, words: tuple[str, ...]
    ) -> None:
        (tmp_path / "a.py").write_text(BAD)
        script = (
            "import sys\n"
            "def watch(event, arguments):\n"
            "    if event.split('.')[0] in ('socket', 'subprocess', 'urllib') "
            "or event in ('os.system', 'os.exec', 'os.posix_spawn', 'os.fork'):\n"
            "        sys.stderr.write(f'{event}\\n')\n"
            "sys.addaudithook(watch)\n"
            "from varsync.app import main\n"
            "sys.exit(main())"
        )
        ran = subprocess.run(
            [sys.executable, "-c", script, "lint", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == (0 if "--fix" in words else 1)
        assert ran.stderr == ""

    def test_what_is_checked_is_not_imported(self, tmp_path: Path) -> None:
        """Nor is a `tensorflow` that lies in the way."""
        trap = "raise SystemExit('imported')\n"
        (tmp_path / "tensorflow").mkdir()
        (tmp_path / "tensorflow" / "__init__.py").write_text(trap)
        (tmp_path / "a.py").write_text(BAD + trap)
        ran = subprocess.run(
            [sys.executable, "-m", "varsync", "lint", "--output-format=concise", "-q", "a.py"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 1
        assert ran.stdout.startswith("a.py:5:9: error VS101")


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["full", "concise", "json", "sarif"])
def test_a_reader_that_wants_one_line(shape: str, tmp_path: Path) -> None:
    """`varsync lint | head -1` ends without a word."""
    for number in range(100):
        (tmp_path / f"a{number}.py").write_bytes(b"\0")
    words = f"{sys.executable} -m varsync lint --output-format {shape} | head -1"
    ran = subprocess.run(["sh", "-c", words], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0
    assert ran.stderr == ""
    assert ran.stdout.count("\n") == 1
