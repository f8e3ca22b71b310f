"""Makes whole random programs: the same program for the same seed.

A program makes a strategy and one to three variables, does three to eight things with them (updates
in replica context, on the host, of one copy and in merge_call, reads, reductions, gathering, gradients,
data, loops over a step, checkpoints), and prints after each of them every copy of every variable, what
the host reads, and what was returned or raised. It needs nothing but TensorFlow and NumPy, and runs
with any number of devices. Programs from `WIDE` on do more kinds of things than those before, and
those from `WIDER` on still more.
"""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

_Choice = TypeVar("_Choice")

HEADER = '''\
"""Generated program, seed {seed}."""

import re
import shutil
import tempfile

import numpy as np
import tensorflow as tf

DEVICES = [device.name for device in tf.config.list_logical_devices("CPU")]
strategy = {strategy}
N = strategy.num_replicas_in_sync
folder = tempfile.mkdtemp()
saved = []
variables = {{}}


def rank():
    return tf.distribute.get_replica_context().replica_id_in_sync_group


def all_reduce(op, value):
    return tf.distribute.get_replica_context().all_reduce(op, value)


def per_replica(function):
    return strategy.experimental_distribute_values_from_function(
        lambda context: function(context.replica_id_in_sync_group)
    )


def words(error):
    text = [line.strip() for line in str(error).splitlines() if line.strip()]
    raised = [line for line in text if re.match(r"\\w+(Error|Exception):", line)]
    if text and text[0].startswith("in user code") and raised:
        text = [raised[0].partition(":")[2].strip()]
    first = text[0] if text else ""
    # addresses, names of tensors in graphs, where a function runs, and the order of a set
    for pattern, plain_text in (
        (r"0x[0-9a-f]+", "0x"),
        (r'Tensor\\("[^)]*\\)', "Tensor"),
        (r"<tf.Tensor '[^']*'", "<tf.Tensor"),
        (r"\\{{\\{{[^}}]*\\}}\\}} ?", ""),
    ):
        first = re.sub(pattern, plain_text, first)
    first = re.sub(r"(?<=\\{{)[^{{}}:]*", lambda found: ", ".join(sorted(found[0].split(", "))), first)
    return first[:160]


def plain(value):
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    return value.numpy().tolist() if hasattr(value, "numpy") else value


def results(value, of=strategy):
    return [plain(each) for each in of.experimental_local_results(value)]


def attempt(label, function):
    try:
        value = function()
        if value is not None:
            print(label, "gives", results(value))
    except Exception as error:
        print(label, "raises", type(error).__name__, words(error))


def show(label):
    for name, variable in variables.items():
        print(label, name, "holds", results(variable))
        try:
            print(label, name, "reads", variable.numpy().tolist())
        except Exception as error:
            print(label, name, "read raises", type(error).__name__, words(error))


print(type(strategy).__name__, N)
'''

STRATEGIES = (
    ("tf.distribute.MirroredStrategy()", 10),
    ("tf.distribute.MirroredStrategy(DEVICES[: max(1, len(DEVICES) // 2)])", 2),
    (
        "tf.distribute.experimental.CentralStorageStrategy("
        'compute_devices=DEVICES, parameter_device="/cpu:0")',
        3,
    ),
    ('tf.distribute.OneDeviceStrategy("/cpu:0")', 1),
    ("tf.distribute.get_strategy()", 1),
)
# The first seed of the programs that do more than others, and of those that do all there is here
WIDE = 300
WIDER = 420
SYNCHRONIZATIONS = ("AUTO", "ON_WRITE", "ON_READ", "ON_READ", "NONE")
AGGREGATIONS = ("NONE", "SUM", "MEAN", "ONLY_FIRST_REPLICA")
DTYPES = ("float32", "float32", "float32", "float64", "int32", "int64")
SHAPES: tuple[tuple[int, ...], ...] = ((), (), (), (2,), (2, 2))
RESTORED_UNDER = (
    "tf.distribute.MirroredStrategy(DEVICES[:1])",
    "tf.distribute.MirroredStrategy(DEVICES[: (len(DEVICES) + 1) // 2])",
    "tf.distribute.MirroredStrategy(DEVICES)",
    'tf.distribute.OneDeviceStrategy("/cpu:0")',
)


@dataclass(frozen=True)
class Variable:
    """A variable of the program. `made` is the expression that makes it."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    made: str

    @property
    def floating(self) -> bool:
        return self.dtype.startswith("float")


def generate(seed: int) -> str:
    """The source of the program of this seed."""
    return _Program(seed).text()


def combine(seeds: Iterable[int]) -> str:
    """One script that runs the programs of all these seeds; `parts` splits what it prints."""
    text = ['"""Several generated programs, one after the other."""\n']
    for seed in seeds:
        text += [
            f"\ndef program_{seed}():\n{textwrap.indent(generate(seed), '    ')}",
            f'\nprint("=== {seed}", flush=True)\nprogram_{seed}()\n',
        ]
    return "\n".join(text)


def parts(output: str) -> dict[int, str]:
    """What each program of a `combine` printed, by its seed."""
    found = {}
    for part in ("\n" + output).split("\n=== ")[1:]:
        seed, _, text = part.partition("\n")
        found[int(seed)] = text if not text or text.endswith("\n") else text + "\n"
    return found


def _weighted(chance: random.Random, choices: Sequence[tuple[_Choice, int]]) -> _Choice:
    """One of the choices, each as likely as its number says."""
    return chance.choices([each for each, _ in choices], [weight for _, weight in choices])[0]


class _Program:
    """A program while it is written."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"varsync {seed}")
        self._wide = seed >= WIDE
        self._wider = seed >= WIDER
        chance = self._chance
        strategy = _weighted(chance, STRATEGIES)
        self._text = [HEADER.format(seed=seed, strategy=strategy)]
        self._variables = [self._variable(name) for name in "abc"[: chance.randint(1, 3)]]
        for number in range(chance.randint(3, 8)):
            self._step(number)
        self._text.append("shutil.rmtree(folder)\n")

    def text(self) -> str:
        return "\n".join(self._text)

    def _add(self, *lines: str) -> None:
        self._text += lines

    # the variables

    def _variable(self, name: str) -> Variable:
        chance = self._chance
        dtype = chance.choice(DTYPES)
        shape = chance.choice(SHAPES)
        initial = chance.choice(
            (
                f"tf.zeros({list(shape)}, tf.{dtype})",
                f"tf.fill({list(shape)}, tf.constant({self._number(dtype)}, tf.{dtype}))",
                f"np.full({list(shape)}, {self._number(dtype)}, np.{dtype})",
            )
        )
        options = [f'name="{name}"']
        aggregation = synchronization = ""
        if chance.random() < 0.85:
            aggregation = chance.choice(AGGREGATIONS)
            options.append(f"aggregation=tf.VariableAggregation.{aggregation}")
        if chance.random() < 0.7:
            synchronization = chance.choice(SYNCHRONIZATIONS)
            options.append(f"synchronization=tf.VariableSynchronization.{synchronization}")
        if chance.random() < 0.3:
            options.append(f"trainable={chance.choice((True, False))}")
        if self._sometimes(0.15):
            initial = f"lambda: {initial}"
        variable = Variable(name, dtype, shape, f"tf.Variable({initial}, {', '.join(options)})")
        made = [f"{name} = {variable.made}"]
        if chance.random() < 0.9:
            made = ["with strategy.scope():", f"    {made[0]}"]
        if synchronization == "NONE" or (aggregation == "MEAN" and not variable.floating):
            # some strategies refuse to make it
            made = [
                "try:",
                *(f"    {line}" for line in made),
                "except ValueError as error:",
                f'    print("{name} raises", words(error))',
                "    with strategy.scope():",
                f'        {name} = tf.Variable({initial}, name="{name}")',
            ]
        self._add(
            *made,
            f'variables["{name}"] = {name}',
            f'print("{name}", type({name}).__name__, {name}.trainable)',
            "",
        )
        return variable

    def _sometimes(self, share: float) -> bool:
        """True in this share of the cases, never in a program that is not wide."""
        return self._wide and self._chance.random() < share

    def _number(self, dtype: str) -> str:
        if dtype.startswith("float"):
            return self._chance.choice(("0.25", "0.5", "1.0", "1.5", "2.0", "3.0"))
        return self._chance.choice("12357")

    # the values: expressions of the variable's dtype and shape

    def _shaped(self, expression: str, variable: Variable) -> str:
        return f"tf.fill({list(variable.shape)}, {expression})" if variable.shape else expression

    def _host_value(self, variable: Variable) -> str:
        number = self._number(variable.dtype)
        constant = f"tf.constant({number}, tf.{variable.dtype})"
        choices = [
            self._shaped(constant, variable),
            f"np.full({list(variable.shape)}, {number}, np.{variable.dtype})",
            f"{variable.name} * {number}",
        ]
        if not variable.shape:
            choices += [number, number]
        return self._chance.choice(choices)

    def _own(self, variable: Variable) -> str:
        """A tensor that is another one in each replica."""
        own = f"tf.cast(rank() + 1, tf.{variable.dtype}) * {self._number(variable.dtype)}"
        return self._shaped(own, variable)

    def _replica_value(self, variable: Variable, reduced: bool = True) -> str:
        """What a replica writes; `reduced`: perhaps the result of an all_reduce."""
        chance = self._chance
        number = self._number(variable.dtype)
        same = self._shaped(f"tf.constant({number}, tf.{variable.dtype})", variable)
        choices: list[tuple[str, int]] = [
            (self._own(variable), 8),
            (same, 3),
            (f'all_reduce("{chance.choice(("SUM", "MEAN"))}", {self._own(variable)})', 2 * reduced),
            (f"{variable.name} * {number} + {self._own(variable)}", 2),
            (f"np.full({list(variable.shape)}, {number}, np.{variable.dtype})", 1),
            (f"captured_{variable.name}", 1),
        ]
        if not variable.shape:
            choices += [(number, 1), ("0", 1)]
        if self._wider:
            kind = "float" if variable.floating else "int"
            number_of = f"{kind}(tf.cast(rank() + 1, tf.{variable.dtype}))"
            choices += [(number_of, 1 - len(variable.shape) % 2)]
            choices += [(f"tf.where({same} > 1, {self._own(variable)}, {same})", 1)]
            choices += [(f"{variable.name}.read_value()", 1), (variable.name, 1)]
        choices += [
            (f"{other.name} * {number} + {self._own(variable)}", 2)
            for other in self._variables
            if (other.dtype, other.shape) == (variable.dtype, variable.shape)
        ]
        return _weighted(chance, choices)

    # the updates, as lines

    def _write(self, variable: Variable, value: str) -> str:
        chance = self._chance
        if variable.shape and chance.random() < 0.25:
            if self._wider and chance.random() < 0.3:
                return f"{variable.name}[{chance.randint(0, 1)}].assign(tf.reduce_sum({value}))"
            others = ("mul", "div", "min") if self._wider else ()
            operation = chance.choice(("add", "sub", "update", "max", *others))
            row = f"tf.reduce_sum({value})"
            rows = f"tf.reshape({row}, [1])"
            if len(variable.shape) == 2:
                rows = f"tf.fill([1, 2], {row})"
            return (
                f"{variable.name}.scatter_{operation}(tf.IndexedSlices({rows}, "
                f"tf.constant([{chance.randint(0, 1)}])))"
            )
        operation = chance.choice(("assign", "assign_add", "assign_add", "assign_sub"))
        options = ", read_value=False" if self._sometimes(0.05) else ""
        return f"{variable.name}.{operation}({value}{options})"

    def _replica_write(self, reduced: bool = True) -> str:
        variable = self._chance.choice(self._variables)
        return self._write(variable, self._replica_value(variable, reduced))

    @property
    def _alike(self) -> bool:
        """Whether all variables have one dtype and shape.

        If replicas all_reduce others, TensorFlow's words depend on which thread is the first.
        """
        kinds = {(each.dtype, each.shape) for each in self._variables}
        return len(kinds) == 1 or not self._wide

    def _replica_lines(self) -> list[str]:
        """The body of a replica function but for what it returns."""
        chance = self._chance
        lines: list[str] = []
        for _ in range(chance.choice((1, 1, 2, 2, 3))):
            write = "" if self._wide else self._replica_write()
            form = chance.choices(
                (
                    *("plain", "branch", "python", "cond", "range", "tf.range", "nested", "used"),
                    *("while", "loop", "tried", "helped", "both"),
                ),
                (14, 1, 1, 2, 2, 1, 2, 2 * self._wide, *([int(self._wider)] * 5)),
            )[0]
            write = write or self._replica_write(self._alike or form not in ("branch", "python"))
            if form == "plain":
                lines.append(write)
            elif form == "branch":
                lines += [f"if rank() % 2 == {chance.randint(0, 1)}:", f"    {write}"]
            elif form == "python":
                first, second = write, self._replica_write(self._alike)
                lines += [
                    f"if rank() < {chance.choice((1, 2, 9))}:",
                    f"    {first}",
                    "else:",
                    f"    {second}",
                ]
            elif form == "cond":
                number = len(self._text) * 10 + len(lines)
                lines += [
                    f"def taken_{number}():",
                    f"    {write}",
                    "    return 1",
                    f"tf.cond(tf.constant({chance.choice((True, True, False))}), "
                    f"taken_{number}, lambda: 0)",
                ]
            elif form == "nested":
                number = len(self._text) * 10 + len(lines)
                lines += ["@tf.function", f"def nested_{number}():", f"    {write}"]
                lines += [f"nested_{number}()"]
            elif form == "used":
                variable = chance.choice(self._variables)
                written = self._write(variable, self._own(variable))
                factor = self._number(variable.dtype)
                lines += [
                    f"written = {written}",
                    "if written is not None:",
                    f"    {variable.name}.assign(written * {factor})",
                ]
            elif form == "while":
                start = chance.choice(("0", "tf.constant(0)"))
                lines += [f"i = {start}", "while i < 2:", f"    {write}", "    i += 1"]
            elif form == "loop":
                number = len(self._text) * 10 + len(lines)
                lines += [f"def body_{number}(i):", f"    {write}", "    return [i + 1]"]
                lines += [f"tf.while_loop(lambda i: i < 2, body_{number}, [tf.constant(0)])"]
            elif form == "tried":
                instead = self._replica_write(self._alike)
                lines += ["try:", f"    {write}", "except ValueError:", f"    {instead}"]
            elif form == "helped":
                number = len(self._text) * 10 + len(lines)
                variable = chance.choice(self._variables)
                lines += ["@tf.function", f"def helped_{number}(x):"]
                lines += [f"    return x + {variable.name}"]
                lines += [self._write(variable, f"helped_{number}({self._own(variable)})")]
            elif form == "both":
                number = len(self._text) * 10 + len(lines)
                lines += [f"def one_{number}():", f"    {write}", "    return tf.constant(1)"]
                lines += [f"def other_{number}():", f"    {self._replica_write(self._alike)}"]
                lines += ["    return tf.constant(2)"]
                condition = chance.choice(("rank() < 9", "rank() == 0", "tf.constant(False)"))
                lines += [f"tf.cond({condition}, one_{number}, other_{number})"]
            else:
                lines += [f"for _ in {form}({chance.choice((2, 3))}):", f"    {write}"]
        return lines

    def _function(self, name: str, lines: Sequence[str], parameters: str = "") -> None:
        self._add(f"def {name}({parameters}):", *(f"    {line}" for line in lines), "")

    def _captured(self) -> None:
        for variable in self._variables:
            number = self._number(variable.dtype)
            constant = self._shaped(f"tf.constant({number}, tf.{variable.dtype})", variable)
            self._add(f"captured_{variable.name} = {constant}")

    def _run(self, label: str, function: str, arguments: str = "", given: str = "") -> None:
        """Runs a function in replica context, in one of the three ways, and prints the outcome."""
        way = self._chance.choice(("eager", "inner", "outer", "outer"))
        values = f", args=({given},)" if given else ""
        if way == "eager":
            call = f"lambda: strategy.run({function}{values})"
        elif way == "inner":
            call = f"lambda: strategy.run(tf.function({function}){values})"
        else:
            wrapped = f"compiled_{label}"
            passed = f", args=({arguments},)" if arguments else ""
            self._add(
                "@tf.function",
                f"def {wrapped}({arguments}):",
                f"    return strategy.run({function}{passed})",
                "",
            )
            call = f"lambda: {wrapped}({given})"
        self._add(f'attempt("{label}", {call})')

    # the steps

    def _step(self, number: int) -> None:
        steps: tuple[tuple[Callable[[str], None], int], ...] = (
            (self._replica_step, 9),
            (self._argument_step, 2),
            (self._host_step, 4),
            (self._merge_step, 2),
            (self._update_step, 2),
            (self._reduce_step, 2),
            (self._gradient_step, 2),
            (self._data_step, 1),
            (self._save_step, 2),
            (self._restore_step, 2),
            (self._loop_step, 2 * self._wide),
            (self._gather_step, self._wide),
            (self._copy_step, self._wide),
            (self._read_step, 2 * self._wide),
            (self._number_step, 2 * self._wider),
            (self._returned_step, self._wider),
            (self._checkpoint_step, 2 * self._wider),
        )
        step = _weighted(self._chance, steps)
        self._add("", f"# step {number}")
        step(f"s{number}")
        self._add(f'show("s{number}")', "")

    def _returned(self) -> str:
        variable = self._chance.choice(self._variables)
        return self._chance.choice(
            (
                f"return {variable.name}.read_value()",
                f"return {variable.name} + {variable.name}",
                f"return {self._own(variable)}",
                "return None",
            )
        )

    def _replica_step(self, label: str) -> None:
        self._captured()
        self._function(f"f_{label}", [*self._replica_lines(), self._returned()])
        self._run(label, f"f_{label}")

    def _argument_step(self, label: str) -> None:
        variable = self._chance.choice(self._variables)
        number = self._number(variable.dtype)
        own = self._shaped(f"tf.cast(r + 1, tf.{variable.dtype}) * {number}", variable)
        lines = [self._write(variable, "x"), self._returned()]
        self._add(f"x_{label} = per_replica(lambda r: {own})")
        self._function(f"f_{label}", lines, "x")
        self._run(label, f"f_{label}", "x", f"x_{label}")

    def _host_step(self, label: str) -> None:
        chance = self._chance
        variable = chance.choice(self._variables)
        value = self._host_value(variable)
        if chance.random() < 0.2:
            own = self._shaped(f"tf.cast(r + 1, tf.{variable.dtype})", variable)
            self._add(f"x_{label} = per_replica(lambda r: {own})")
            value = f"x_{label}"
        write = self._write(variable, value)
        where = chance.choice(("scope", "outside", "function"))
        if where == "function":
            self._add("@tf.function")
        lines = [write]
        if where == "scope":
            lines = ["with strategy.scope():", f"    {write}"]
        self._function(f"host_{label}", lines)
        self._add(f'attempt("{label}", host_{label})')

    def _merge_step(self, label: str) -> None:
        chance = self._chance
        variable = chance.choice(self._variables)
        reduced = f'strategy.reduce("{chance.choice(("SUM", "MEAN"))}", value, axis=None)'
        value = chance.choice((reduced, reduced, "value", self._host_value(variable)))
        lines = [self._write(variable, value)]
        if self._sometimes(0.4):
            operation = chance.choice(("assign", "assign_add"))
            lines = [
                f"strategy.extended.update({variable.name}, "
                f"lambda v, x: v.{operation}(x), args=({value},))"
            ]
        call = f"context.merge_call(merge_{label}, args=(value,))"
        calls = [call, f"return {variable.name}.read_value()"]
        if self._sometimes(0.3):
            lines.append(f"return {reduced}")
            calls = [f"return {call}"]
        self._function(f"merge_{label}", lines, "strategy, value")
        self._function(
            f"f_{label}",
            [
                f"value = {self._own(variable)}",
                "context = tf.distribute.get_replica_context()",
                *calls,
            ],
        )
        self._run(label, f"f_{label}")

    def _update_step(self, label: str) -> None:
        chance = self._chance
        variable = chance.choice(self._variables)
        own = self._shaped(f"tf.cast(r + 1, tf.{variable.dtype})", variable)
        value = chance.choice((self._host_value(variable), f"per_replica(lambda r: {own})"))
        operation = chance.choice(("assign", "assign_add", "assign_sub"))
        self._function(f"change_{label}", [f"v.{operation}(value)"], "v, value")
        self._function(
            f"host_{label}",
            [f"strategy.extended.update({variable.name}, change_{label}, args=({value},))"],
        )
        self._add(f'attempt("{label}", host_{label})')

    def _reduce_step(self, label: str) -> None:
        chance = self._chance
        variable = chance.choice(self._variables)
        op = chance.choice(("SUM", "MEAN"))
        read = f"strategy.run(lambda: {variable.name}.read_value())"
        what = chance.choice((read, read, read, variable.name))
        axis = "0" if variable.shape and what == read and chance.random() < 0.4 else "None"
        if self._sometimes(0.25):
            call = f'strategy.extended.reduce_to("{op}", {what}, "/cpu:0")'
        else:
            call = f'strategy.reduce("{op}", {what}, axis={axis})'
        if self._sometimes(0.3):
            self._function(f"host_{label}", [f"return {call}"])
            self._add(f'attempt("{label}", tf.function(host_{label}))')
        else:
            self._add(f'attempt("{label}", lambda: {call})')

    def _gradient_step(self, label: str) -> None:
        floating = [variable for variable in self._variables if variable.floating]
        if not floating:
            self._replica_step(label)
            return
        variable = self._chance.choice(floating)
        gradient = self._chance.choice(("gradient", 'all_reduce("SUM", gradient)'))
        self._function(
            f"f_{label}",
            [
                "with tf.GradientTape() as tape:",
                f"    scale = tf.cast(rank() + 1, tf.{variable.dtype})",
                f"    loss = tf.reduce_sum(scale * {variable.name} * {variable.name})",
                f"gradient = tape.gradient(loss, {variable.name})",
                "if gradient is None:",
                f"    return tf.constant(-1.0, tf.{variable.dtype})",
                f"{variable.name}.assign_sub(0.125 * {gradient})",
                "return loss",
            ],
        )
        self._run(label, f"f_{label}")

    def _data_step(self, label: str) -> None:
        chance = self._chance
        variable = chance.choice(self._variables)
        rows, batch = chance.choice(((8, 4), (8, 8), (7, 4), (9, 4)))
        value = self._shaped(f"tf.reduce_{chance.choice(('sum', 'max'))}(batch)", variable)
        self._function(f"f_{label}", [self._write(variable, value), "return None"], "batch")
        data = f"strategy.experimental_distribute_dataset(data_{label})"
        if self._sometimes(0.3):
            data = (
                "strategy.distribute_datasets_from_function("
                f"lambda c: data_{label}.shard(c.num_input_pipelines, c.input_pipeline_id))"
            )
        self._add(
            f"data_{label} = tf.data.Dataset.from_tensor_slices("
            f"np.arange(1, {rows + 1}).astype(np.{variable.dtype})).batch({batch})",
            f"for batch in {data}:",
            f'    attempt("{label}", lambda: strategy.run(f_{label}, args=(batch,)))',
        )

    def _loop_step(self, label: str) -> None:
        """A step that is compiled once and called several times."""
        chance = self._chance
        variable = chance.choice(self._variables)
        own = self._shaped(
            f"tf.cast(rank() + 1, tf.{variable.dtype}) * tf.cast(step, tf.{variable.dtype})",
            variable,
        )
        self._captured()
        lines = [self._write(variable, own), *self._replica_lines(), self._returned()]
        self._function(f"f_{label}", lines, "step")
        count = chance.choice((2, 3))
        if chance.random() < 0.3:
            self._function(
                f"loop_{label}",
                [f"for step in tf.range({count}):", f"    strategy.run(f_{label}, args=(step,))"],
            )
            self._add(f'attempt("{label}", tf.function(loop_{label}))')
            return
        self._function(f"step_{label}", [f"return strategy.run(f_{label}, args=(step,))"], "step")
        kind = chance.choice(("tf.constant(step)", "tf.constant(step)", "step"))
        self._add(
            f"compiled_{label} = tf.function(step_{label})",
            f"for step in range({count}):",
            f'    attempt("{label}", lambda: compiled_{label}({kind}))',
        )

    def _gather_step(self, label: str) -> None:
        """All replicas' values, one behind the other."""
        chance = self._chance
        variable = chance.choice(self._variables)
        value = f"tf.reshape({self._own(variable)}, [{'1, -1' if len(variable.shape) else '-1'}])"
        axis = chance.choice((0, 0, len(variable.shape) and 1))
        if chance.random() < 0.5:
            self._function(f"f_{label}", [f"return {value}"])
            self._add(
                f'attempt("{label}", lambda: strategy.gather(strategy.run(f_{label}), axis={axis}))'
            )
            return
        gathered = f"tf.distribute.get_replica_context().all_gather({value}, axis={axis})"
        self._function(f"f_{label}", [f"return {gathered}"])
        self._run(label, f"f_{label}")

    def _copy_step(self, label: str) -> None:
        """The host writes one copy of a variable, or its one copy."""
        chance = self._chance
        variable = chance.choice(self._variables)
        at = chance.choice((0, -1))
        write = self._write(variable, self._host_value(variable))
        write = write.replace(f"{variable.name}.", "copy.", 1)
        self._function(
            f"host_{label}",
            [f"copy = strategy.experimental_local_results({variable.name})[{at}]", write],
        )
        self._add(f'attempt("{label}", host_{label})')

    def _read_step(self, label: str) -> None:
        """The host reads a variable, in one of many ways."""
        chance = self._chance
        variable = chance.choice(self._variables)
        name = variable.name
        read = chance.choice(
            (
                f"tf.reduce_sum({name})",
                f"{name}.read_value()",
                f"{name}.value()",
                f"tf.identity({name})",
                f"{name} + {name}",
                f"tf.convert_to_tensor({name})",
                f"{name}.shape.as_list() + [{name}.dtype.name]",
                f"str({name}.aggregation) + str({name}.synchronization)",
            )
        )
        form = chance.choice(("plain", "scope", "function"))
        if form == "function" and "str(" not in read and "as_list" not in read:
            self._add("@tf.function")
        body = [f"return {read}"]
        if form == "scope":
            body = ["with strategy.scope():", f"    {body[0]}"]
        self._function(f"host_{label}", body)
        self._add(f'attempt("{label}", host_{label})')

    def _number_step(self, label: str) -> None:
        """A variable as a number or a text of Python's."""
        chance = self._chance
        variable = chance.choice(self._variables)
        name = variable.name
        number = chance.choice(
            (
                # of what is no scalar AutoGraph makes a tensor, which is no number
                *(() if variable.shape else (f"float({name})", f"int({name})")),
                *(f"round({name})", f"bool({name})"),
                *(f"f'{{{name}:.2f}}'", f"'%.2f' % {name}", f"list({name})"),
                f"{name}.numpy().tolist()",
                f"float(tf.reduce_sum({name}))",
                f"int(tf.reduce_sum({name}))",
                f"float({name}.numpy().sum())",
                f"1 if tf.reduce_all({name} > 1) else 2",
                f"max({name}, 1)",
                f"abs({name})",
                f"np.asarray({name}).tolist()",
            )
        )
        self._function(f"f_{label}", [f"return {number}"])
        form = chance.choice(("host", "scope", "compiled", "run"))
        if form == "run":
            self._run(label, f"f_{label}")
        elif form == "scope":
            self._function(f"host_{label}", ["with strategy.scope():", f"    return f_{label}()"])
            self._add(f'attempt("{label}", host_{label})')
        else:
            function = f"tf.function(f_{label})" if form == "compiled" else f"f_{label}"
            self._add(f'attempt("{label}", {function})')

    def _returned_step(self, label: str) -> None:
        """What replicas returned is given to the host, to other replicas or to an update."""
        chance = self._chance
        variable = chance.choice(self._variables)
        self._function(f"f_{label}", [f"return {self._replica_value(variable)}"])
        self._captured()
        self._add(f"x_{label} = None", "")
        self._function(f"given_{label}", [self._write(variable, "x"), "return x + x"], "x")
        use = chance.choice(
            (
                f"strategy.run(given_{label}, args=(x_{label},))",
                f"given_{label}(x_{label})",
                f'strategy.reduce("{chance.choice(("SUM", "MEAN"))}", x_{label}, axis=None)',
                f"strategy.extended.update({variable.name}, lambda v, x: v.assign(x), (x_{label},))",
                f"x_{label}",
            )
        )
        lines = [f"x_{label} = strategy.run(f_{label})", f"return {use}"]
        if chance.random() < 0.4:
            lines = [f"x_{label} = strategy.run(tf.function(f_{label}))", f"return {use}"]
        self._function(f"host_{label}", lines)
        self._add(f'attempt("{label}", host_{label})')

    def _checkpoint_step(self, label: str) -> None:
        """Checkpoints of modules, managers, some of the variables, and of what is made later."""
        chance = self._chance
        names = ", ".join(f"{each.name}={each.name}" for each in self._variables)
        some = chance.choice(self._variables)
        written = chance.choice(
            (
                f'tf.train.Checkpoint({names}).save(folder + "/{label}")',
                f"tf.train.CheckpointManager(tf.train.Checkpoint({names}), folder, 1, "
                f'checkpoint_name="{label}").save()',
            )
        )
        self._function(f"save_{label}", [f"saved.append({written})"])
        self._add(f'attempt("{label}", save_{label})')
        self._function(
            f"change_{label}", [self._write(some, self._host_value(some)), "return saved and None"]
        )
        self._add(f'attempt("{label} change", change_{label})', f'show("{label} changed")')
        other = chance.choice(RESTORED_UNDER)
        restored = chance.choice(
            (
                [f"tf.train.Checkpoint({names}).restore(saved[-1])"],
                [
                    f"tf.train.Checkpoint({some.name}={some.name}).restore(saved[-1]).expect_partial()"
                ],
                ["with strategy.scope():", f"    tf.train.Checkpoint({names}).restore(saved[-1])"],
                [
                    "keep = tf.train.Checkpoint()",
                    "keep.restore(saved[-1])",
                    f"other = {other}",
                    "with other.scope():",
                    f"    keep.{some.name} = {some.made}",
                    f'print("{label}", "later", results(keep.{some.name}, other))',
                ],
                [
                    f'path = "{some.name}/.ATTRIBUTES/VARIABLE_VALUE"',
                    "return tf.train.load_variable(saved[-1], path).tolist()",
                ],
            )
        )
        self._function(f"restore_{label}", restored)
        self._add("if saved:", f'    attempt("{label}", restore_{label})')

    def _save_step(self, label: str) -> None:
        names = ", ".join(f"{each.name}={each.name}" for each in self._variables)
        self._add(
            f"checkpoint_{label} = tf.train.Checkpoint({names})",
            f'attempt("{label}", lambda: saved.append('
            f'checkpoint_{label}.write(folder + "/{label}")))',
        )

    def _restore_step(self, label: str) -> None:
        chance = self._chance
        if chance.random() < 0.4:
            names = ", ".join(f"{each.name}={each.name}" for each in self._variables)
            self._function(
                f"restore_{label}",
                [f"tf.train.Checkpoint({names}).read(saved[-1])"],
            )
        else:
            lines = [f"other = {chance.choice(RESTORED_UNDER)}", "made = {}"]
            lines.append("with other.scope():")
            lines += [f'    made["{each.name}"] = {each.made}' for each in self._variables]
            lines += [
                "tf.train.Checkpoint(**made).read(saved[-1])",
                "for name, variable in made.items():",
                f'    print("{label}", name, "restored", results(variable, other))',
                f'    print("{label}", name, "reads", variable.numpy().tolist())',
            ]
            self._function(f"restore_{label}", lines)
        if "saved.append" not in "\n".join(self._text):
            self._save_step(f"{label}_first")
        self._add("if saved:", f'    attempt("{label}", restore_{label})')
