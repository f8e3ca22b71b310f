"""The forms in which people write training scripts: each runs in the simulation as it is."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PATH = os.pathsep.join(os.path.abspath(entry) for entry in sys.path if entry)  # noqa: PTH100

# a package of the user's: relative imports, a module to run, a __main__
PACKAGE = {
    "pack/__init__.py": "",
    "pack/config.yaml": "rate: 0.5\n",
    "pack/models/__init__.py": "from ..data import start\nfrom .linear import weight\n",
    "pack/models/linear.py": """
        import tensorflow as tf
        from . import start
        def weight():
            return tf.Variable(start(), aggregation=tf.VariableAggregation.MEAN)
        """,
    "pack/data.py": "def start():\n    return 1.0\n",
    "pack/train.py": """
        import sys
        import tensorflow as tf
        from .models import weight

        def main():
            strategy = tf.distribute.MirroredStrategy()
            with strategy.scope():
                v = weight()
            strategy.run(lambda: v.assign_add(1.0))
            print(__name__, __package__, __spec__.name, sys.argv[1:], v.numpy())

        if __name__ == "__main__":
            main()
        """,
    "pack/__main__.py": "from .train import main\nmain()\n",
    "train.py": "from pack.train import main\nif __name__ == '__main__':\n    main()\n",
}
# a loop whose strategy is chosen by flags and by what there is
CHOOSING = """
    import os
    os.environ["CUDA_VISIBLE_DEVICES"] = "0,1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    import logging
    import tensorflow as tf
    from absl import app, flags

    flags.DEFINE_bool("use_tpu", False, "train on a TPU")
    flags.DEFINE_string("tpu", "local", "its name")
    flags.DEFINE_integer("steps", 2, "how long")
    flags.DEFINE_enum("reduce", "sum", ["sum", "mean"], "how losses are added")
    FLAGS = flags.FLAGS
    logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s")
    tf.get_logger().setLevel("ERROR")

    def chosen():
        if FLAGS.use_tpu:
            resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=FLAGS.tpu)
            tf.config.experimental_connect_to_cluster(resolver)
            tf.tpu.experimental.initialize_tpu_system(resolver)
            return tf.distribute.TPUStrategy(resolver)
        gpus = tf.config.list_physical_devices("GPU")
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
        if len(gpus) > 1:
            return tf.distribute.MirroredStrategy()
        return tf.distribute.OneDeviceStrategy("/gpu:0") if gpus else tf.distribute.get_strategy()

    def main(argv):
        strategy = chosen()
        with strategy.scope():
            v = tf.Variable(0.0, aggregation=tf.VariableAggregation.MEAN)

        @tf.function
        def step():
            strategy.run(lambda: v.assign_add(1.0))

        for _ in range(FLAGS.steps):
            step()
        print(type(strategy).__name__, strategy.num_replicas_in_sync, v.numpy(), argv[1:])

    if __name__ == "__main__":
        app.run(main)
    """
# every worker is started with its number, and says itself who else there is
WORKERS = """
    import argparse, json, os
    parser = argparse.ArgumentParser()
    parser.add_argument("--index", type=int, default=0)
    parser.add_argument("--hosts", default="a:1,b:2")
    given = parser.parse_args()
    os.environ["TF_CONFIG"] = json.dumps({
        "cluster": {"worker": given.hosts.split(",")},
        "task": {"type": "worker", "index": given.index},
    })
    import tensorflow as tf
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    resolver = strategy.cluster_resolver
    with strategy.scope():
        v = tf.Variable(0.0, aggregation=tf.VariableAggregation.SUM)
    strategy.run(lambda: v.assign_add(1.0 + resolver.task_id))
    print(resolver.task_type, resolver.task_id, strategy.num_replicas_in_sync, v.numpy())
    """
HOUSEHOLD = """
    import argparse, csv, logging, logging.config, multiprocessing, pathlib
    import tensorflow as tf

    def square(x):
        return x * x

    def settings(path):
        lines = pathlib.Path(path).read_text().splitlines()
        return {key: float(value) for key, value in (line.split(": ") for line in lines)}

    if __name__ == "__main__":
        logging.config.dictConfig({
            "version": 1,
            "formatters": {"short": {"format": "%(levelname)s %(message)s"}},
            "handlers": {"file": {
                "class": "logging.FileHandler", "filename": "train.log", "formatter": "short",
            }},
            "root": {"level": "INFO", "handlers": ["file"]},
        })
        with multiprocessing.get_context("fork").Pool(2) as pool:
            data = pool.map(square, [1.0, 2.0, 3.0, 4.0])
        rate = settings("config.yaml")["rate"]
        strategy = tf.distribute.MirroredStrategy()
        with strategy.scope():
            v = tf.Variable(0.0, aggregation=tf.VariableAggregation.MEAN)
        writer = tf.summary.create_file_writer("logs")
        batches = strategy.experimental_distribute_dataset(
            tf.data.Dataset.from_tensor_slices(data).batch(2)
        )
        for number, batch in enumerate(batches):
            strategy.run(lambda x: v.assign_add(rate * tf.reduce_sum(x)), args=(batch,))
            logging.info("step %d: %s", number, v.numpy())
            with writer.as_default(step=number):
                tf.summary.scalar("v", v.numpy())
        with open("result.csv", "w", newline="") as file:
            csv.writer(file).writerow([v.numpy(), len(data)])
        print(v.numpy())
    """


def simulate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "varsync", "simulate", "-q", *arguments]
    environment = {**os.environ, "PYTHONPATH": PATH}
    return subprocess.run(
        command, cwd=folder, env=environment, text=True, capture_output=True, timeout=120
    )


def printed(folder: Path, *arguments: str) -> list[str]:
    done = simulate(folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


def test_a_module_is_run_as_by_python_m(tmp_path: Path) -> None:
    write(tmp_path, PACKAGE)
    assert printed(tmp_path, "-m", "pack.train", "--", "--epochs", "2") == [
        "__main__ pack pack.train ['--epochs', '2'] 2.0"
    ]


@pytest.mark.slow
def test_a_package_and_a_script_that_imports_it(tmp_path: Path) -> None:
    write(tmp_path, PACKAGE)
    expected = ["pack.train pack pack.train [] 2.0"]
    assert printed(tmp_path, "-m", "pack") == expected
    assert printed(tmp_path, "train.py") == expected


@pytest.mark.slow
def test_what_is_no_module_to_run(tmp_path: Path) -> None:
    write(tmp_path, PACKAGE)
    for name in ("pack.nothing", "pack.models", "nothing", "pack.train.main", ".pack", "", "sys"):
        done = simulate(tmp_path, "-m", name)
        assert done.returncode == 2
        assert done.stderr == f"varsync: {name}: no such module, or not one that can be run\n"


@pytest.mark.slow
def test_a_strategy_by_flags_and_devices(tmp_path: Path) -> None:
    pytest.importorskip("absl")
    write(tmp_path, {"train.py": CHOOSING})
    assert printed(tmp_path, "train.py") == ["_DefaultDistributionStrategy 1 2.0 []"]
    assert printed(tmp_path, "train.py", "-n", "1", "--", "--steps=3") == [
        "OneDeviceStrategy 1 3.0 []"
    ]
    assert printed(tmp_path, "train.py", "-n", "3", "--", "rest") == [
        "MirroredStrategy 3 2.0 ['rest']"
    ]
    assert printed(tmp_path, "train.py", "-n", "2", "--", "--use_tpu") == ["TPUStrategyV2 2 2.0 []"]
    wrong = simulate(tmp_path, "train.py", "--", "--reduce=max")
    assert wrong.returncode == 3
    assert "value should be one of <sum|mean>" in wrong.stderr


@pytest.mark.slow
def test_workers_that_set_tf_config_themselves(tmp_path: Path) -> None:
    """Each of them has its own number, whatever the arguments say, which are the same for all."""
    write(tmp_path, {"train.py": WORKERS})
    for arguments in ([], ["--", "--index", "1"]):
        assert sorted(printed(tmp_path, "train.py", *arguments)) == [
            "[worker 1] worker 1 2 3.0",
            "worker 0 2 3.0",
        ]
    three = ["--workers", "3", "--", "--hosts", "a:1,b:1,c:1"]
    assert sorted(printed(tmp_path, "train.py", *three)) == [
        "[worker 1] worker 1 3 6.0",
        "[worker 2] worker 2 3 6.0",
        "worker 0 3 6.0",
    ]


@pytest.mark.slow
def test_logging_pools_configurations_and_summaries(tmp_path: Path) -> None:
    write(tmp_path, {"train.py": HOUSEHOLD, "config.yaml": "rate: 0.5\n"})
    assert printed(tmp_path, "train.py") == ["7.5"]
    assert (tmp_path / "train.log").read_text() == "INFO step 0: 1.25\nINFO step 1: 7.5\n"
    assert (tmp_path / "result.csv").read_text() == "7.5,4\n"
