"""Tapes, graphs and printing, compared with what TensorFlow gave."""

from __future__ import annotations

import contextlib
import copy
import io
import pickle
import sys
from typing import Any

import numpy as np
import pytest
from varsync_runtime.tensors import errors, exports
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.slices import IndexedSlices
from varsync_runtime.tensors.state import hooks, state
from varsync_runtime.tensors.tape import record
from varsync_runtime.tensors.tensor import SymbolicTensor, Tensor, make

from tests.runtime.ops.compare import differences
from tests.runtime.ops.namespace import stand_in
from tests.runtime.tensors.plain_variable import PlainVariable
from tests.runtime.tensors.printing_cases import CASES as PRINTED
from tests.runtime.tensors.programs import PROGRAMS
from tests.runtime.tensors.record import in_graph, load, tried

RECORDED = load()
TF = stand_in()


class Names:
    """A graph that gives names, of a function that AutoGraph leaves alone."""

    converted = False
    look_again = None

    def __init__(self) -> None:
        self.given: dict[str, int] = {}

    def unique_name(self, name: str) -> str:
        # names that differ in capital letters alone are too much alike for TensorFlow
        number = self.given.get(name.lower(), 0)
        self.given[name.lower()] = number + 1
        return f"{name}_{number}" if number else name


@contextlib.contextmanager
def building() -> Any:
    state.graph = Names()  # type: ignore[assignment]
    # tf.function answers them when it is imported; here there is none
    answers = hooks.symbolic_bool, hooks.symbolic_iter
    hooks.symbolic_bool = hooks.symbolic_iter = None
    methods = {
        name: vars(SymbolicTensor)[name]
        for name in ("__index__", "__float__", "__int__")
        if name in vars(SymbolicTensor)
    }
    for name in methods:
        delattr(SymbolicTensor, name)
    try:
        yield
    finally:
        state.graph = None
        hooks.symbolic_bool, hooks.symbolic_iter = answers
        for name, method in methods.items():
            setattr(SymbolicTensor, name, method)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_with_a_tape(name: str) -> None:
    expected = RECORDED["programs"][name]
    got = tried(TF, lambda: PROGRAMS[name](TF, PlainVariable))
    if "error" in expected:
        assert got.get("error") == expected["error"], got
        assert got["words"][:60] == expected["words"][:60]
    else:
        assert "error" not in got, got
        assert differences(expected, got, 4.0) == []


@pytest.mark.filterwarnings("ignore:Casting complex values")  # NumPy's, on TensorFlow as well
def test_expressions_in_a_graph() -> None:
    with building():
        x = SymbolicTensor(np.float32(1.0).reshape(()), TF.float32, name="x")
        y = SymbolicTensor(np.array([1.0, 2.0], np.float32), TF.float32, name="y")
        got = in_graph(TF, x, y)
    wrong = {}
    for text, expected in RECORDED["graph"].items():
        found = got[text]
        same = (
            found == expected
            if "out" in expected
            else found.get("error") == expected["error"]
            and found["words"][:50] == expected["words"][:50]
        )
        if not same:
            wrong[text] = (expected, found)
    assert wrong == {}


@pytest.mark.parametrize("text", PRINTED)
def test_print_writes_what_tensorflow_writes(text: str) -> None:
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        eval(f"tf.print({text}, output_stream=sys.stdout)", {
            "tf": TF, "np": np, "c": TF.constant, "sys": sys,
        })  # fmt: skip
    assert written.getvalue() == RECORDED["printed"][text]


def test_hooks_decide_for_a_symbolic_condition() -> None:
    with building():
        x = SymbolicTensor(np.array(True), TF.bool, name="x")
        hooks.symbolic_bool = lambda tensor: bool(tensor._array)
        assert (1 if x else 2) == 1
        hooks.symbolic_bool = None
        with pytest.raises(errors.OperatorNotAllowedInGraphError):
            bool(x)


def test_a_tensor_keeps_the_run_in_which_it_was_made() -> None:
    assert convert(1.0)._stamp is None
    run = object()
    state.stamp = run
    try:
        made = TF.add(1.0, 2.0)
    finally:
        state.stamp = None
    assert made._stamp is run


def test_something_that_is_no_op_is_recorded() -> None:
    x = convert([1.0, 2.0])
    with TF.GradientTape() as outer:
        outer.watch(x)
        with TF.GradientTape() as tape:
            tape.watch(x)
            y = x * x
            reduced = make(y._array * 4, y.dtype)
            record([y], [reduced], lambda dy: [dy * 4.0])
            loss = TF.reduce_sum(reduced * y)
        first = tape.gradient(loss, x)
    assert first.numpy().tolist() == [16.0, 128.0]
    assert outer.gradient(first, x).numpy().tolist() == [48.0, 192.0]


@pytest.mark.parametrize("value", [1.0, [1, 2], "text", [[True]], 1j])
def test_tensors_go_through_pickle_and_copy(value: Any) -> None:
    tensor = convert(value)
    for other in (pickle.loads(pickle.dumps(tensor)), copy.copy(tensor), copy.deepcopy(tensor)):
        assert other.dtype is tensor.dtype
        assert other.numpy() is not None
        assert np.array_equal(other._array, tensor._array)


@pytest.mark.parametrize("value", [
    TF.float32, TF.TensorShape([2, None]), TF.TensorShape(None), TF.TensorSpec([None], TF.int32),
    TF.errors.InvalidArgumentError(None, None, "words"), TF.errors.UnknownError(None, None, "a"),
], ids=repr)  # fmt: skip
def test_other_values_go_through_pickle(value: Any) -> None:
    other = pickle.loads(pickle.dumps(value))
    assert type(other) is type(value)
    assert str(other) == str(value)


def test_an_array_is_copied_in_and_out() -> None:
    array: np.ndarray = np.ones(3, np.float32)
    tensor = convert(array)
    array[0] = 5
    tensor.numpy()[1] = 5
    np.asarray(tensor)[2] = 5
    assert tensor.numpy().tolist() == [1, 1, 1]


def test_bfloat16_is_rounded_after_each_op() -> None:
    # what TensorFlow 2.21 gives
    def numbers(tensor: Any) -> Any:
        assert convert(tensor).dtype is TF.bfloat16
        return TF.cast(tensor, TF.float32).numpy().tolist()

    x = TF.cast(TF.constant([0.1, 1.2345, -3.7, 2.00390625, 2.01171875]), TF.bfloat16)
    assert numbers(x) == [0.10009765625, 1.234375, -3.703125, 2.0, 2.015625]
    assert numbers(x[:2] / 3) == [0.033447265625, 0.412109375]
    point = TF.constant(1.1015625, TF.bfloat16)
    with TF.GradientTape() as tape:
        tape.watch(point)
        loss = TF.cast(point, TF.float32) ** 2 * 0.1
    assert numbers(tape.gradient(loss, point)) == 0.220703125
    assert float(TF.bfloat16.max) == 3.3895313892515355e38
    with pytest.raises(TF.errors.InvalidArgumentError, match="expected to be a bfloat16 tensor"):
        x + TF.constant(1.0)


def test_an_object_converts_itself() -> None:
    class Own:
        def __tf_tensor__(self, dtype: Any = None, name: Any = None) -> Tensor:
            return convert(7.0, dtype)

    class Refusing:
        def __tf_tensor__(self, dtype: Any = None, name: Any = None) -> Tensor:
            raise ValueError("a per-replica value is no tensor")

    assert float(TF.add(Own(), 1.0)) == 8.0
    assert TF.stack([Own(), 1.0]).numpy().tolist() == [7.0, 1.0]
    with pytest.raises(ValueError, match="per-replica"):
        TF.reduce_sum(Refusing())


def test_slices_stay_slices_until_they_are_needed() -> None:
    x = convert([[1.0], [2.0]])
    with TF.GradientTape() as tape:
        tape.watch(x)
        y = TF.gather(TF.identity(x), [1, 1])
    got = tape.gradient(y, x)
    assert isinstance(got, IndexedSlices)
    assert TF.convert_to_tensor(got).numpy().tolist() == [[0.0], [2.0]]


def test_a_public_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="exported twice"):
        exports.provide("tf.add", object())
    assert exports.registry()["tf.add"] is TF.add
