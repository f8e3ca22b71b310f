"""`[tool.varsync.target]`, and what is read from a project's requirements."""

from __future__ import annotations

from pathlib import Path

import pytest
from varsync.configuration.requirements import parse, stated
from varsync_rules.target import ANY, Versions

from tests.cli.conftest import Shell
from tests.rules.test_target import BATCH_NORMALIZATION, LIBRARY


@pytest.mark.parametrize(
    ("text", "least", "below"),
    [
        ("2.21", (2, 21), (2, 22)),
        ("2.21.0", (2, 21), (2, 22)),
        ("==2.21.*", (2, 21), (2, 22)),
        ("3", (3, 0), (4, 0)),
        ("==3.*", (3, 0), (4, 0)),
        ("2.x", (2, 0), (3, 0)),
        (">=2.16", (2, 16), None),
        (">2.16", (2, 16), None),
        ("<2.16", None, (2, 16)),
        ("<2.16.0", None, (2, 16)),
        ("<2.15.1", None, (2, 16)),
        ("<=2.15", None, (2, 16)),
        ("<3", None, (3, 0)),
        ("~=2.15", (2, 15), (3, 0)),
        ("~=2.15.1", (2, 15), (2, 16)),
        ("^2.15", (2, 15), (3, 0)),
        (">= 2.12, != 2.13.0, < 2.16", (2, 12), (2, 16)),
        ("2.21.0rc1", (2, 21), (2, 22)),
        ("any", None, None),
        ("", None, None),
        ("!=2.13", None, None),
    ],
)
def test_versions(text: str, least: tuple[int, int] | None, below: tuple[int, int] | None) -> None:
    assert parse(text) == Versions(least, below)


@pytest.mark.parametrize("text", ["new", ">=", "2,,3", "git+https://a/b", "two.one"])
def test_what_is_no_version(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("files", "tensorflow", "keras"),
    [
        ({"pyproject.toml": "[project]\ndependencies = ['TensorFlow >= 2.16']"}, ">=2.16", "any"),
        (
            {
                "pyproject.toml": "[project.optional-dependencies]\ntf = ['tensorflow[and-cuda]==2.15.1']"
            },
            ">=2.15,<2.16",
            "any",
        ),
        (
            {
                "pyproject.toml": "[dependency-groups]\na = ['keras<3', {include-group = 'b'}]\nb = []"
            },
            "any",
            "<3.0",
        ),
        (
            {
                "pyproject.toml": "[tool.poetry.dependencies]\n"
                "tensorflow = '^2.17'\nkeras = {version = '~3.4'}"
            },
            ">=2.17,<3.0",
            ">=3.4,<3.5",
        ),
        (
            {"requirements.txt": "numpy\ntensorflow-cpu==2.21.0  # pinned\n-r other.txt\n"},
            ">=2.21,<2.22",
            "any",
        ),
        (
            {
                "requirements-dev.txt": "tensorflow==2.15.0 ; python_version < '3.12' --hash=sha256:ab\n"
            },
            ">=2.15,<2.16",
            "any",
        ),
        ({"requirements/base.txt": "keras \\\n  >=3\n"}, "any", ">=3.0"),
        # alternatives: what any of them allows
        (
            {
                "requirements.txt": "tensorflow==2.15.0",
                "requirements-new.txt": "tensorflow==2.21.0",
            },
            ">=2.15,<2.22",
            "any",
        ),
        (
            {
                "requirements.txt": "tensorflow==2.15.0",
                "pyproject.toml": "[project]\ndependencies = ['tensorflow']",
            },
            "any",
            "any",
        ),
        # tf-keras: which of the two tf.keras is, the environment decides
        ({"requirements.txt": "tensorflow==2.21.0\ntf_keras\nkeras>=3"}, "any", "any"),
        ({"requirements.txt": "tensorflow==2.15.0\ntf-keras"}, ">=2.15,<2.16", "any"),
        # other packages, other files, and files that make no sense
        (
            {
                "requirements.txt": "tensorflow-datasets==4.9\nkeras-cv==0.9\ntensorflow_probability<0.24"
            },
            "any",
            "any",
        ),
        (
            {"requirements.txt": "tensorflow @ https://example.com/tensorflow-2.15.whl"},
            "any",
            "any",
        ),
        ({"pyproject.toml": "tensorflow = [["}, "any", "any"),
        ({"pyproject.toml": "[project]\ndependencies = 'tensorflow<2.16'"}, "any", "any"),
        ({"requirements.txt": "\x00tensorflow\x00 <<<< keras"}, "any", "any"),
        ({}, "any", "any"),
    ],
)
def test_requirements(tmp_path: Path, files: dict[str, str], tensorflow: str, keras: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = stated(str(tmp_path))
    assert (str(found.tensorflow), str(found.keras)) == (tensorflow, keras)
    if (found.tensorflow, found.keras) != (ANY, ANY):
        assert set(found.files) == set(files)


class TestSettings:
    def test_the_table_comes_before_the_requirements(self, real: Shell) -> None:
        real.write("a.py", BATCH_NORMALIZATION)
        assert real.found() == ["a.py:3 VS213"]
        real.write("requirements.txt", "tensorflow==2.12.0\n")
        assert real.found() == []
        shown = real("lint", "--show-settings").out
        assert 'target.tensorflow = ">=2.12,<2.13"  # requirements.txt\n' in shown
        assert 'target.keras = "any"\n' in shown
        real.write("pyproject.toml", "[tool.varsync.target]\ntensorflow = '2.21'\n")
        assert real.found() == ["a.py:3 VS213"]
        shown = real("lint", "--show-settings").out
        assert 'target.tensorflow = ">=2.21,<2.22"  # pyproject.toml\n' in shown
        assert real.found("--config", "target.keras = '2'") == []
        assert real.found("--config", "target = {tensorflow = 'any'}") == ["a.py:3 VS213"]

    def test_isolated_reads_no_requirements(self, real: Shell) -> None:
        real.write("a.py", BATCH_NORMALIZATION)
        real.write("requirements.txt", "tensorflow==2.12.0\n")
        assert real.found() == []
        assert real.found("--isolated") == ["a.py:3 VS213"]
        assert real.found("--isolated", "--config", "target.keras = '2'") == []

    def test_what_is_shown_is_a_configuration(self, real: Shell) -> None:
        real.write("a.py", LIBRARY)
        config = "target = {keras = '<3', strategies = ['TPUStrategy', 'default']}"
        shown = real("lint", "--show-settings", "--config", config).out
        assert 'target.keras = "<3.0"  # --config\n' in shown
        assert 'target.strategies = ["TPUStrategy", "default"]  # --config\n' in shown
        real.write("pyproject.toml", f"[tool.varsync]\n{shown}")
        again = real("lint", "--show-settings").out
        assert again.replace("pyproject.toml", "--config").splitlines()[-3:] == [
            'target.tensorflow = "any"  # --config',
            *shown.splitlines()[-2:],
        ]

    @pytest.mark.parametrize(
        ("config", "found"),
        [
            ("target.strategies = 'any'", "under a strategy with more than one replica"),
            ("target.strategies = ['MirroredStrategy']", "under MirroredStrategy"),
            ("target.strategies = ['tf.distribute.TPUStrategy']", "under TPUStrategy"),
            ("target.strategies = ['OneDeviceStrategy']", ""),
            ("target.strategies = ['default']", ""),
            ("target.strategies = ['default', 'MirroredStrategy']", "under MirroredStrategy"),
            ("target.strategies = 'used'", ""),
        ],
    )
    def test_strategies(self, real: Shell, config: str, found: str) -> None:
        real.write("a.py", LIBRARY)
        real.write("b.py", "import tensorflow as tf\ntf.distribute.OneDeviceStrategy('/gpu:0')\n")
        ran = real("lint", "--output-format", "concise", "-q", "--config", config)
        assert ran.code == (1 if found else 0)
        assert found in ran.out

    def test_projects_in_one_run_have_their_own(self, real: Shell) -> None:
        for name in ("one", "two"):
            real.write(f"{name}/a.py", BATCH_NORMALIZATION)
        real.write("one/pyproject.toml", "[tool.varsync]\ntarget.keras = '2'\n")
        real.write("two/pyproject.toml", "[tool.varsync]\n")
        real.write("two/requirements.txt", "keras>=3\n")
        assert real.found() == ["two/a.py:3 VS213"]

    def test_keys_of_a_base_stay(self, real: Shell) -> None:
        real.write("a.py", LIBRARY)
        real.write("base.toml", "target.strategies = ['OneDeviceStrategy']")
        real.write("pyproject.toml", "[tool.varsync]\nextend = 'base.toml'\ntarget.keras = '3'\n")
        assert real.found() == []

    @pytest.mark.parametrize(
        ("config", "message"),
        [
            ("target = 3", "target must be a table"),
            ("target.torch = '2'", "target has no key 'torch'"),
            ("target.tensorfow = '2'", "(did you mean tensorflow?)"),
            ("target.tensorflow = 2.21", "target.tensorflow must be a version as text"),
            ("target.keras = 'new'", "target.keras must be a version as text"),
            ("target.keras = ''", "target.keras must be a version as text"),
            ("target.strategies = ['Mirrored']", "'Mirrored' is none of MirroredStrategy, "),
            ("target.strategies = 'MirroredStrategy'", "strategies must be a list of strings"),
            ("target.strategies = []", "target.strategies names no strategy"),
            ("target.strategies = ['used']", "'used' is none of"),
        ],
    )
    def test_mistakes_are_one_line(self, real: Shell, config: str, message: str) -> None:
        real.write("pyproject.toml", f"[tool.varsync]\n{config}\n")
        ran = real("lint")
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert ran.err.startswith("varsync: pyproject.toml: [tool.varsync] target")
        assert message in ran.err
