"""What the evaluation of a program finds out, asked of its events."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from varsync_rules.context import Because, Role
from varsync_rules.evaluate.frames import DEEPEST
from varsync_rules.lint import check
from varsync_rules.predict import creation_fails
from varsync_rules.program import Program
from varsync_rules.source import Source
from varsync_rules.values import Form, Varies
from varsync_runtime.semantics import Aggregation, StrategyKind, Synchronization

START = """
import tensorflow as tf
strategy = tf.distribute.MirroredStrategy()
"""


def evaluated(text: str, **others: str) -> Program:
    """The events of a program: main.py, which begins with START, and other files by name."""
    files = {"main": START + textwrap.dedent(text), **others}
    root = Path("/program")
    sources = [
        Source(f"{name}.py", root / f"{name}.py", textwrap.dedent(content).encode())
        for name, content in files.items()
    ]
    outcome = check(sources, codes=frozenset(), roots=[root])
    assert not outcome.program.abandoned
    return outcome.program


def test_modes_through_a_helper_of_another_file() -> None:
    program = evaluated(
        """
        from made import make
        with strategy.scope():
            total = make(aggregation=tf.VariableAggregation.SUM)
        """,
        made="""
        import tensorflow.compat.v2 as tf
        SYNC = tf.VariableSynchronization.ON_READ
        def make(aggregation=None):
            return tf.Variable(0.0, synchronization=SYNC, aggregation=aggregation)
        """,
    )
    creation = next(c for c in program.creations if c.context.strategies)
    assert creation.variable.synchronizations == {Synchronization.ON_READ}
    assert creation.variable.aggregations == {Aggregation.SUM}
    assert creation.context.kinds == {StrategyKind.MIRRORED}


def test_what_run_is_given_differs_and_what_it_captures_does_not() -> None:
    program = evaluated(
        """
        v = tf.Variable(0.0)
        w = tf.Variable(0.0)
        scale = tf.constant(2.0)
        def step(x):
            v.assign(x * scale)
            w.assign(scale + 1.0)
        for batch in strategy.experimental_distribute_dataset(tf.data.Dataset.range(4)):
            strategy.run(step, args=(batch,))
        """
    )
    varies = {update.variable.name: update.data.varies for update in program.updates}
    assert varies == {"v": Varies.DIFFERS, "w": Varies.SAME}
    assert {update.context.role for update in program.updates} == {Role.REPLICA}


def test_a_test_tells_of_the_name_that_it_tests() -> None:
    program = evaluated(
        """
        v = tf.Variable(0.0)
        def read(value):
            if isinstance(value, tf.Variable):
                return value.read_value()
            return value
        def total(v=None):
            if v is None:
                v = tf.Variable(1.0)
            return read(v)
        x = total() + total(v)
        """
    )
    assert {read.use for read in program.reads} == {"read_value"}


def test_order_of_attributes_does_not_matter() -> None:
    program = evaluated(
        """
        class Counter:
            def count(self):
                self.value.assign_add(1.0)
            def make(self):
                self.value = tf.Variable(0.0)
        counter = Counter()
        counter.count()
        counter.make()
        """
    )
    assert [update.variable.name for update in program.updates] == ["self.value"]


@pytest.mark.parametrize(
    "text",
    [
        "def f(): return f()\nf()",
        "def f(x): return g(x)\ndef g(x): return f(x)\nf(tf.Variable(0.0))",
        "class A(A): pass\nA()",
        "class A:\n    def __init__(self): self.a = A()\nA()",
        "f = lambda x: x(x)\nf(f)",
        "import main\nfrom main import *\nmain.main.strategy.scope()",
        "x = []\nx.append(x)\ntf.Variable(x)",
        "def d(f): return d\n@d\n@d\ndef g(): pass\ng()",
        "def g():\n    yield from g()\nfor x in g(): tf.Variable(x)",
    ],
)
def test_what_goes_round_in_circles_comes_to_an_end(text: str) -> None:
    evaluated(text)


def test_calls_that_multiply_come_to_an_end() -> None:
    functions = "".join(
        f"def f{i}(x, y):\n    v.assign_add(x)\n    f{i + 1}(x + {i}, y)\n    f{i + 1}(y, x)\n"
        for i in range(40)
    )
    evaluated("v = tf.Variable(0.0)\n" + functions + "def f40(x, y): return v\nf0(1, 2)\n")


def test_a_long_chain_of_calls_is_followed_and_counted_where_it_is_cut() -> None:
    def chain(length: int) -> Program:
        links = "".join(
            f"class C{i}:\n    def __call__(self, x):\n        if x:\n"
            f"            return [c(x) for c in [C{i + 1}()]]\n"
            for i in range(length)
        )
        last = f"class C{length}:\n    def __call__(self, x):\n        v.assign_add(x)\n"
        return evaluated(f"v = tf.Variable(0.0)\n{links}{last}strategy.run(C0(), (1.0,))\n")

    followed = chain(DEEPEST - 1)
    assert [update.context.role for update in followed.updates] == [Role.REPLICA]
    assert not followed.cut
    too_long = chain(DEEPEST)
    assert [update.context.role for update in too_long.updates] != [Role.REPLICA]
    assert len(too_long.cut) == 1


@pytest.mark.parametrize(
    "text",
    ["n = 2\n" + "n = n * n\n" * 60, "n = b'a' * 10000000000", "n = 10000000000 * b'a'"],
)
def test_constants_that_are_too_large_are_not_computed(text: str) -> None:
    evaluated(f"{text}\ntf.Variable(n)")


def test_a_program_is_not_run(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    evaluated(f"open({str(witness)!r}, 'w').write('run')\n__import__('os').system('false')\n")
    assert not witness.exists()


@pytest.mark.parametrize(
    ("variable", "watched", "reached"),
    [
        ("tf.Variable(1.0)", False, True),
        ("tf.Variable(1.0, trainable=False)", False, False),
        ("tf.Variable(1.0, trainable=False)", True, True),
        ("tf.Variable(1.0, synchronization=tf.VariableSynchronization.ON_READ)", False, False),
        ("tf.Variable(1.0, trainable=some_flag)", False, True),
    ],
)
def test_the_gradient_of_what_no_tape_watches_is_none(
    variable: str, watched: bool, reached: bool
) -> None:
    program = evaluated(
        f"""
        with strategy.scope():
            v = {variable}
        def step(x):
            with tf.GradientTape() as tape:
                {"tape.watch(v)" if watched else "pass"}
                loss = v * x
            gradient = tape.gradient(loss, v)
            if gradient is None:
                return
            v.assign_sub(gradient)
        strategy.run(step, args=(tf.constant(1.0),))
        """
    )
    assert bool(program.updates) is reached


READ_MODE = "synchronization=tf.VariableSynchronization.ON_READ"
NO_MODE = "synchronization=tf.VariableSynchronization.NONE"


@pytest.mark.parametrize("name", ["v", "holder.v"])
@pytest.mark.parametrize(
    ("mode", "made"),
    [
        (READ_MODE, {Synchronization.ON_READ}),
        (NO_MODE, {Synchronization.AUTO}),
        ("synchronization=MODE, aggregation=tf.VariableAggregation.MEAN", set()),
    ],
)
def test_of_a_creation_and_the_one_for_when_it_fails_the_one_that_is_made_counts(
    name: str, mode: str, made: set[Synchronization]
) -> None:
    program = evaluated(
        f"""
        class Holder:
            pass
        holder = Holder()
        try:
            with strategy.scope():
                {name} = tf.Variable(1.0, {mode})
        except ValueError as error:
            with strategy.scope():
                {name} = tf.Variable(1.0)
        {name}.assign(1.0)
        """
    )
    written = [update.variable for update in program.updates]
    alive = [v for v in written if creation_fails(v) is False]
    assert {mode for v in alive for mode in v.synchronizations} == made


@pytest.mark.parametrize(
    ("made", "dtype"),
    [
        ("np.full([2], 1, np.float32)", "float32"),
        ("np.full([2], 0.5)", "float32"),
        ("np.full([2], 1)", "int32"),
        ("np.asarray([1], np.int64)", "int64"),
        ("np.arange(3).astype(np.float32)", "float32"),
        ("np.arange(3).astype(some_dtype)", None),
    ],
)
def test_dtypes_of_arrays(made: str, dtype: str | None) -> None:
    program = evaluated(f"import numpy as np\nv = tf.Variable({made})")
    assert [creation.variable.dtype for creation in program.creations] == [dtype]


def test_a_number_of_the_command_line_is_the_same_on_every_replica() -> None:
    program = evaluated(
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("-r", "--base-rate", type=float, default=0.1)
        parser.add_argument("--verbose", action="store_true")
        parser.add_argument("--rates", type=float, nargs="+")
        parser.add_argument("--task_id", type=int, default=0)
        args = parser.parse_args()
        with strategy.scope():
            v = tf.Variable(args.base_rate)
        def step():
            v.assign(args.base_rate * tf.constant(2.0))
            v.assign(args.rates * tf.constant(2.0))
            v.assign(args.never_added * tf.constant(2.0))
        if args.verbose:
            strategy.run(step)
        if args.task_id == 0:
            strategy.run(step)
        """
    )
    assert [creation.variable.dtype for creation in program.creations] == ["float32"]
    known = [(update.data.varies, update.data.form) for update in program.updates[:3]]
    assert known[0] == (Varies.SAME, Form.TENSOR)
    assert known[1:] == [(Varies.UNKNOWN, Form.UNKNOWN)] * 2
    reasons = {call.context.conditions[0].because for call in program.methods("run")}
    assert reasons == {Because.PYTHON, Because.CHIEF}


def test_what_a_docstring_says_does_not_make_a_function_matter() -> None:
    program = evaluated(
        '''
        def told(x):
            """As `tf.Variable(0.0).assign(x)` under a strategy."""
            return tf.nn.relu(x)

        def done(x):
            """Without a strategy."""
            return tf.nn.relu(tf.Variable(x))
        '''
    )
    assert [c.frame.name for c in program.calls if c.symbol == "tf.nn.relu"] == ["done"]


def test_what_is_run_again_keeps_its_place() -> None:
    program = evaluated(
        """
        class Holder:
            def write(self):
                self.held.assign(1.0)

            def make(self):
                self.held = tf.Variable(0.0)

        def one():
            before.assign(1.0)

        def other():
            after.assign(1.0)

        before, after = tf.Variable(0.0), tf.Variable(0.0)
        holder = Holder()
        one()
        holder.write()
        other()
        holder.make()
        """
    )
    ordered = sorted(program.updates, key=lambda update: update.order)
    assert [update.variable.name for update in ordered] == ["before", "self.held", "after"]
    assert not program.unresolved
