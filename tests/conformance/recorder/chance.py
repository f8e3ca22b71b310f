"""Cases that nobody recorded, for comparing a prediction with a live TensorFlow."""

from __future__ import annotations

import random

from . import axes
from .cases import Step, UpdateCase, Variable
from .tables.update import HOST_CONTEXTS, SCATTER_VALUES, possible

# What an assign can take that has the shape of a vector
VECTOR_VALUES = ("tensor", "tensor_same", "argument", "captured", "per_replica", "all_reduced")

# How many variables are made in the scope
SCOPED = 0.7

# NONE seldom: most strategies refuse to make such a variable
SYNCHRONIZATIONS = ("NONE", *axes.SYNCHRONIZATIONS[2:] * 3, "AUTO", "AUTO", "AUTO")


def random_case(seed: int) -> UpdateCase:
    """One to three operations on one variable, with other numbers than the recorded cases.

    The same seed always gives the same case.
    """
    dice = random.Random(seed)
    strategy = dice.choice(axes.STRATEGIES)
    synchronization = dice.choice(SYNCHRONIZATIONS)
    aggregation = dice.choice(axes.AGGREGATIONS)
    variable = Variable(synchronization, aggregation, dice.choice(axes.DTYPES))
    shape = dice.choice(((), (2,)))
    steps = tuple(random_step(dice, strategy, shape) for _ in range(dice.randint(1, 3)))
    initial = dice.randint(-5, 9)
    scoped = dice.random() < SCOPED
    return UpdateCase("random", strategy, variable, steps, initial, shape, f"seed{seed}", scoped)


def random_step(dice: random.Random, strategy: str, shape: tuple[int, ...]) -> Step:
    """A step that the strategy has and that suits the variable's shape."""
    operations = (*axes.ASSIGNS, *axes.SCATTERS) if shape else axes.ASSIGNS
    contexts = (*axes.REPLICA_CONTEXTS, *HOST_CONTEXTS, axes.UPDATE_REPLICA)
    while True:
        operation, context = dice.choice(operations), dice.choice(contexts)
        values: tuple[str, ...] = axes.REPLICA_VALUES
        if context in HOST_CONTEXTS:
            values = axes.HOST_VALUES
        if operation.startswith("scatter"):
            values = tuple(value for value in SCATTER_VALUES if value in (*values, "rows"))
        elif shape:
            values = tuple(value for value in values if value in VECTOR_VALUES)
        numbers = tuple(dice.sample([n for n in range(-20, 21) if n], 4))
        same = dice.choice([n for n in range(-9, 10) if n])
        step = Step(operation, context, dice.choice(values), numbers, same)
        # a row of its own has only a replica
        if possible(strategy, step) and not (step.value == "rows" and context in HOST_CONTEXTS):
            return step
