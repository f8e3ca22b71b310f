"""`tfds.ReadConfig`: how a dataset is read."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from varsync_runtime.tensors.errors import NotModelled


@dataclass(eq=False)
class ReadConfig:
    """tensorflow_datasets/core/utils/read_config.py, `ReadConfig`.

    Made-up data lie in no files: what says how files are read changes nothing.
    """

    options: Any = None
    try_autocache: bool = True
    repeat_filenames: bool = False
    add_tfds_id: bool = False
    shuffle_seed: int | None = None
    shuffle_reshuffle_each_iteration: bool | None = None
    interleave_cycle_length: Any = None
    interleave_block_length: int | None = 16
    input_context: Any = None
    experimental_interleave_sort_fn: Any = None
    skip_prefetch: bool = False
    num_parallel_calls_for_decode: int | None = None
    num_parallel_calls_for_interleave_files: int | None = None
    enable_ordering_guard: bool = True
    assert_cardinality: bool = True
    override_buffer_size: int | None = None
    file_format: Any = None

    def replace(self, **kwargs: Any) -> ReadConfig:
        """The same, but for what is given."""
        return dataclasses.replace(self, **kwargs)


def applied(config: Any, dataset: Any) -> Any:
    """The dataset as it is read so; with an input context, the examples of its pipeline."""
    if config.add_tfds_id:
        raise NotModelled("tfds.ReadConfig.add_tfds_id of made-up datasets")
    context = config.input_context
    if context is not None:
        dataset = dataset.shard(context.num_input_pipelines, context.input_pipeline_id)
    if config.repeat_filenames:
        dataset = dataset.repeat()
    return dataset if config.options is None else dataset.with_options(config.options)
