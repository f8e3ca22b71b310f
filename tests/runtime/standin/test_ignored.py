"""Symbols without an effect: they are counted, and give what TensorFlow gives."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from varsync_runtime import standin
from varsync_runtime.events import Counted, Ignored, read_frame, recorder
from varsync_runtime.function import devices
from varsync_runtime.standin.options import options


@pytest.fixture
def tf() -> Iterator[Any]:
    standin.install()
    try:
        yield importlib.import_module("tensorflow")
    finally:
        standin.uninstall()
        options.replicas = None


@pytest.fixture
def told() -> Iterator[list[str]]:
    """The symbols that were ignored so far, each time they were."""
    symbols: list[str] = []

    def send(frame: bytes) -> None:
        for event in read_frame(frame):
            if isinstance(event, Counted) and isinstance(event.event, Ignored):
                symbols.extend([event.event.symbol] * event.times)

    recorder.start(send)
    yield symbols
    recorder.start(None)


def test_summaries_are_counted(tf: Any, told: list[str]) -> None:
    with tf.summary.create_file_writer("nowhere").as_default():
        for step in range(3):
            tf.summary.scalar("loss", 1.0, step=step)
        with pytest.raises(ValueError, match="No step set"):
            tf.summary.scalar("loss", 1.0)
        tf.summary.experimental.set_step(3)
        tf.summary.scalar("loss", 1.0)
    tf.summary.experimental.set_step(None)
    recorder.flush()
    assert told.count("tf.summary.scalar") == 5
    assert told.count("tf.summary.create_file_writer") == 1


def test_settings_of_devices_are_counted(tf: Any, told: list[str]) -> None:
    tf.config.set_soft_device_placement(True)
    tf.config.optimizer.set_jit(True)
    assert tf.config.optimizer.get_jit() == "autoclustering"
    with tf.device("GPU:0"):
        pass
    with tf.profiler.experimental.Profile("nowhere"):
        pass
    recorder.flush()
    assert told == [
        "tf.config.set_soft_device_placement",
        "tf.config.optimizer.set_jit",
        "tf.device",
        "tf.profiler.experimental.Profile",
    ]


def test_a_function_says_that_it_is_not_compiled(tf: Any, told: list[str]) -> None:
    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
    def f(x: Any) -> Any:
        return x + 1

    assert int(f(tf.constant(1))) == 2
    recorder.flush()
    assert told == ["tf.function(jit_compile=True)"]


def test_without_a_wish_there_is_one_processor(tf: Any) -> None:
    options.replicas = None
    assert tf.config.list_physical_devices("GPU") == []
    assert [one.name for one in tf.config.list_logical_devices()] == ["/device:CPU:0"]


def test_there_are_as_many_devices_as_were_asked_for(tf: Any) -> None:
    options.replicas = 3
    names = [one.name for one in tf.config.list_physical_devices("GPU")]
    assert names == [f"/physical_device:GPU:{at}" for at in range(3)]
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    assert len(tf.config.list_logical_devices("CPU")) == 3


def test_devices_are_set_up_before_they_are_used(tf: Any) -> None:
    options.replicas = None
    cpu = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, parts)
    assert tf.config.get_logical_device_configuration(cpu) == parts
    names = [one.name for one in tf.config.list_logical_devices("CPU")]
    assert names == ["/device:CPU:0", "/device:CPU:1"]
    with pytest.raises(RuntimeError, match="Virtual devices cannot be modified after"):
        tf.config.set_logical_device_configuration(cpu, parts * 2)
    with pytest.raises(RuntimeError, match="Visible devices cannot be modified after"):
        tf.config.set_visible_devices([], "CPU")
    with pytest.raises(ValueError, match="Unrecognized device: 'x'"):
        tf.config.set_visible_devices("x", "GPU")


def test_a_machine_without_a_processor_has_no_logical_devices() -> None:
    machine = devices.Machine(2)
    machine.show([], "CPU")
    assert [one.name for one in machine.logical()] == ["/device:GPU:0", "/device:GPU:1"]
