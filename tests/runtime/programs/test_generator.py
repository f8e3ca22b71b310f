"""The generator makes the same program for a seed, and programs of every kind."""

from __future__ import annotations

import ast

import pytest

from . import generated, store
from .generator import AGGREGATIONS, STRATEGIES, combine, generate, parts
from .table import REPLICAS

SEEDS = generated.SEEDS


def test_the_same_seed_makes_the_same_program() -> None:
    assert generate(7) == generate(7)
    assert len({generate(seed) for seed in SEEDS}) == len(SEEDS)


def test_every_program_is_python() -> None:
    for seed in range(1000):
        ast.parse(generate(seed))
    ast.parse(combine(range(20)))


def test_every_kind_is_made() -> None:
    text = "\n".join(map(generate, SEEDS))
    kinds = [
        *(strategy for strategy, _ in STRATEGIES),
        *(f"VariableAggregation.{name}" for name in AGGREGATIONS),
        *("assign(", "assign_add(", "assign_sub(", "scatter_add(", "scatter_update("),
        *("merge_call", "extended.update", "strategy.reduce", "all_reduce(", "GradientTape"),
        *("tf.cond", "nested_", "tf.range", "tf.int32", "tf.float64", "Checkpoint", ".read("),
        *("if rank() % 2", "captured_", "per_replica(", "experimental_distribute_dataset"),
        *("strategy.gather(", "all_gather(", "reduce_to(", "distribute_datasets_from_function"),
        *("copy.assign", "read_value=False", "= tf.Variable(lambda:", "tf.function(loop_"),
        *("written = ", "compiled_s1(tf.constant(step))", "return tf.identity(", ".aggregation)"),
    ]
    assert [kind for kind in kinds if text.count(kind) < 3] == []


def test_what_several_programs_print_is_told_apart() -> None:
    output = "=== 3\na\nb\n=== 14\n=== 5\nc === 6\n"
    assert parts(output) == {3: "a\nb\n", 14: "", 5: "c === 6\n"}


@pytest.mark.parametrize("version", store.versions())
def test_all_are_recorded(version: str) -> None:
    recorded = generated.load(version)
    assert set(recorded) >= set(SEEDS)
    assert all(tuple(recorded[seed]) == REPLICAS for seed in SEEDS)
    # every program came to its last step, in which it shows its variables
    for seed in SEEDS:
        steps = generate(seed).count("\n# step ")
        assert all(f"\ns{steps - 1} a holds " in text for text in recorded[seed].values())


@pytest.mark.parametrize("version", store.versions())
def test_what_is_recorded_depends_on_the_replicas(version: str) -> None:
    recorded = generated.load(version)
    alike = [seed for seed in SEEDS if recorded[seed][1] == recorded[seed][4]]
    assert len(alike) < 0.2 * len(SEEDS)
