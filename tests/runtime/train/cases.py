"""What scripts do with modules, checkpoints and files, and what they see; for any `tensorflow`.

Each function below is one group; it notes values and exceptions as text, without the parts that
differ from run to run.
"""

# scripts are written as users write them
# ruff: noqa: PTH109, PTH208, RUF005
# mypy: disable-error-code="misc,func-returns-value,no-untyped-call,attr-defined,untyped-decorator"
from __future__ import annotations

import collections
import contextlib
import io
import json
import os
import pathlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np

ADDRESS = re.compile(r"0x[0-9a-f]+")
TIME = re.compile(r"\d{6,}\.\d+")
MANY: tuple[Any, ...] = ([], {}, (), (1,), ([],), 5)


class Notes:
    """The lines of a group: labels with what was seen."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.lines: list[str] = []

    def __call__(self, label: str, look: Callable[[], Any]) -> Any:
        """Calls `look` and notes what it returns or raises; returns it too."""
        try:
            value = look()
            seen = repr(value)
        except Exception as error:
            value = None
            seen = f"raises {type(error).__name__}: {error}"
        seen = TIME.sub("TIME", ADDRESS.sub("0x", seen.replace(self.folder, "DIR")))
        self.lines.append(f"{label}: {seen}")
        return value


def files(tf: Any, note: Notes, folder: str) -> None:
    """tf.io.gfile and the ops that read and write files."""
    gfile = tf.io.gfile

    def put(path: Any, text: Any, mode: str = "w") -> None:
        with gfile.GFile(path, mode) as file:
            file.write(text)

    def get(path: Any, mode: str = "r") -> Any:
        return gfile.GFile(path, mode).read()

    a = folder + "/a.txt"
    note("write", lambda: put(a, "one\ntwo\nthree"))
    note("read", lambda: get(a))
    note("read some bytes", lambda: gfile.GFile(a, "rb").read(5))
    note("append", lambda: (put(a, "4\n", "a"), gfile.GFile(a).readlines()))
    note("iterate", lambda: list(gfile.GFile(a)))
    note("readline", lambda: gfile.GFile(a).readline())

    def seek() -> Any:
        file = gfile.GFile(a)
        file.seek(4)
        found: list[Any] = [file.read(3), file.tell()]
        file.seek(-2, 2)
        found.append(file.read())
        file.seek(1, 0)
        file.seek(2, 1)
        return [*found, file.tell(), file.size(), file.name, file.mode, file.seekable()]

    note("seek", seek)
    note("seek, bad whence", lambda: gfile.GFile(a).seek(1, 7))
    note("seek, nothing", lambda: gfile.GFile(a).seek())
    note("bad mode", lambda: gfile.GFile(a, "x"))
    note("no file", lambda: get(folder + "/nope"))
    note("no file, not read", lambda: gfile.GFile(folder + "/nope").name)
    note("no folder", lambda: put(folder + "/no/x", "s"))
    note("write a file to read", lambda: gfile.GFile(a).write("x"))
    note("read a file to write", lambda: gfile.GFile(a, "w").read())
    note("which stays", lambda: get(a))
    note("close", lambda: gfile.GFile(folder + "/new", "w").close())
    note("never written", lambda: gfile.exists(folder + "/new"))
    note("exists", lambda: [gfile.exists(folder + x) for x in ("", "/a.txt", "/zz")])
    note("mkdir", lambda: gfile.mkdir(folder + "/m"))
    note("mkdir again", lambda: gfile.mkdir(folder + "/m"))
    note("mkdir too deep", lambda: gfile.mkdir(folder + "/m/n/o"))
    note("makedirs", lambda: (gfile.makedirs(folder + "/m/n/o"), gfile.makedirs(folder + "/m")))
    note("makedirs on a file", lambda: gfile.makedirs(a))
    note("makedirs below a file", lambda: gfile.makedirs(a + "/b"))
    note("write a number", lambda: put(folder + "/m/x", 5))
    note("bytes", lambda: (put(folder + "/m/x", b"\xff\x00", "wb"), get(folder + "/m/x", "rb")))
    note("bytes as text", lambda: get(folder + "/m/x"))
    for pattern in ("/*", "/q*", "/*/n", "/**/o", "/a.tx?", "/[ab].txt"):
        note(f"glob {pattern}", lambda p=pattern: sorted(gfile.glob(folder + p)))
    note("glob of two", lambda: sorted(gfile.glob([folder + "/m/*", folder + "/a*"])))
    note("listdir", lambda: [sorted(gfile.listdir(folder + x)) for x in ("", "/m")])
    note("listdir of nothing", lambda: gfile.listdir(folder + "/zz"))
    note("isdir", lambda: [gfile.isdir(folder + x) for x in ("", "/a.txt", "/zz")])
    b, c = folder + "/b.txt", folder + "/c.txt"
    note("copy", lambda: gfile.copy(a, b))
    note("copy again", lambda: gfile.copy(a, b))
    note("copy over", lambda: gfile.copy(a, b, overwrite=True))
    note("copy nothing", lambda: gfile.copy(folder + "/zz", c))
    note("rename", lambda: gfile.rename(b, c))
    note("rename over", lambda: gfile.rename(a, c))
    note("rename nothing", lambda: gfile.rename(folder + "/zz", b))
    note("remove", lambda: gfile.remove(c))
    note("remove again", lambda: gfile.remove(c))
    note("remove a folder", lambda: gfile.remove(folder + "/m"))

    def stat(path: str) -> Any:
        found = gfile.stat(path)
        return found.is_directory or found.length, found.is_directory, found.mtime_nsec > 0

    note("stat", lambda: stat(a))
    note("stat of a folder", lambda: stat(folder + "/m"))
    note("stat of nothing", lambda: stat(folder + "/zz"))
    for down in (True, False):
        note(f"walk, {down}", lambda d=down: sorted(gfile.walk(folder, topdown=d)))
    note("walk nothing", lambda: list(gfile.walk(folder + "/zz")))
    note("join", lambda: [gfile.join("a", "b"), gfile.join("gs://x", "y"), gfile.join("a", "/b")])
    note("rmtree", lambda: gfile.rmtree(folder + "/m"))
    note("rmtree again", lambda: gfile.rmtree(folder + "/m"))
    note("rmtree of a file", lambda: gfile.rmtree(a))
    note("file:", lambda: (put("file://" + a, "x"), gfile.exists("file://" + a)))
    note("another scheme", lambda: get("s3://nope/x"))
    p = pathlib.Path(folder) / "p.txt"
    note("pathlib", lambda: (put(p, "x"), gfile.exists(p)))
    note("pathlib, glob", lambda: gfile.glob(p))
    note("read_file", lambda: tf.io.read_file(str(p)))
    note("read_file of nothing", lambda: tf.io.read_file(folder + "/zz"))
    deep = folder + "/q/r/p.txt"
    note("write_file", lambda: (tf.io.write_file(deep, "abc"), tf.io.read_file(tf.constant(deep))))
    found = lambda *paths: list(tf.io.matching_files([folder + x for x in paths]).numpy())  # noqa: E731
    note("matching_files", lambda: [one.decode() for one in found("/*.txt", "/q")])
    note("matching_files, none", lambda: tf.io.matching_files(folder + "/zz*"))
    os.chdir(folder)
    for pattern in ("p*", "q/*", "*/r", "p.txt"):
        note(f"near {pattern}", lambda p=pattern: sorted(gfile.glob(p)))
    for mode in ("r+", "w+"):

        def both(mode: str = mode) -> Any:
            put(p, "before")
            with gfile.GFile(str(p), mode) as file:
                file.write("yy")
                file.flush()
                return file.read(), get(str(p))

        note(mode, both)


def containers(tf: Any, note: Notes, folder: str) -> None:
    """Lists, dicts and tuples in the attributes of modules, without variables."""
    m = tf.Module()
    m.l, m.d, m.t, m.e = [1, 2, 3], {"b": 1, "a": 2}, (1, [2]), (1, 2)
    note("classes", lambda: [type(x).__name__ for x in (m.l, m.d, m.t, m.e)])
    note(
        "instances", lambda: [isinstance(m.l, list), isinstance(m.d, dict), isinstance(m.t, tuple)]
    )
    note("shown", lambda: (m.l, m.d, m.t, str(m.l), f"{m.d}", str(m.t)))
    note("list, array", lambda: np.array(m.l))
    note("list, tensor", lambda: tf.constant(m.l))
    note("list, json", lambda: json.dumps(m.l))
    note("list", lambda: (sum(m.l), sorted(m.l), list(m.l), [*m.l], len(m.l), max(m.l), 2 in m.l))
    note("list, compared", lambda: (m.l == [1, 2, 3], m.l == [1, 2, 3], m.l < [2], m.l != [1]))
    note("list, added", lambda: (m.l + [4], [0] + m.l, m.l * 2, m.l[1:], m.l[-1], m.l.index(2)))
    note("list, pop", lambda: (m.l.pop(), m.l))
    note("list, reversed", lambda: (m.l.reverse(), m.l, m.l.clear(), bool(m.l)))
    note("list, hash", lambda: hash(m.l))
    note("dict, json", lambda: json.dumps(m.d))
    note("dict", lambda: (dict(m.d), {**m.d}, list(m.d), m.d.items(), m.d.get("q", 7), "a" in m.d))
    note("dict, changed", lambda: (m.d.pop("a"), m.d.setdefault("z", 3), m.d | {"y": 1}, m.d))
    note("dict, compared", lambda: (m.d == {"b": 1, "z": 3}, bool(m.d), len(m.d)))
    note("dict, hash", lambda: hash(m.d))
    note("tuple", lambda: (m.t[1], len(m.t), list(m.t), m.t == (1, [2]), m.t + (3,), 1 in m.t))
    pair = collections.namedtuple("pair", "a b")
    m.n = pair([1], 2)
    note("namedtuple", lambda: (m.n, m.n.a, m.n._fields, m.n[1], m.n == pair([1], 2)))
    note("nest", lambda: tf.nest.map_structure(lambda x: x + 1, (m.d, m.n, m.t)))
    note("nest, flat", lambda: tf.nest.flatten([m.d, m.n, m.t, m.l]))
    m.deep = {"x": [{"y": (1, {})}]}
    note("nested", lambda: m.deep)
    tracking = tf.__internal__.tracking
    note("wrap", lambda: [type(tracking.wrap(x)).__name__ for x in MANY])
    note("a tracked number", lambda: tracking.Trackable()._track_trackable(3, "x"))
    auto = tracking.AutoTrackable()
    auto.x = tf.Module()
    note("children", lambda: list(auto._trackable_children()))
    auto.x = tf.Module(name="other")
    note("replaced", lambda: (list(auto._trackable_children()), auto.x.name))
    del auto.x
    note("deleted", lambda: list(auto._trackable_children()))
    note("bad name", lambda: tf.Module("x y"))
    note("name", lambda: (tf.Module("x").name, tf.Module("x").name_scope.name))


def modules(tf: Any, note: Notes, folder: str) -> None:
    """tf.Module: the order of variables and submodules, names and scopes."""

    class Bar(tf.Module):
        def __init__(self) -> None:
            super().__init__(name="barry")
            self.v = tf.Variable(5.0, name="bv")
            self.t = (1, tf.Variable(6.0, name="bt"))

    class Foo(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.b = tf.Variable(1.0, name="b")
            self.a = [
                tf.Variable(2.0, name="a0"),
                {"z": tf.Variable(3.0, name="z"), "y": Bar()},
            ]
            self.own = tf.Variable(4.0, trainable=False, name="own")
            self.me = self

    class MyHTTPLayer2D(tf.Module):
        @tf.Module.with_name_scope
        def __call__(self) -> Any:
            self.w = tf.Variable(1.0)
            return self.w.name

    def names(found: Any) -> list[str]:
        return [one.name for one in found]

    foo = Foo()
    note("variables", lambda: names(foo.variables))
    note("trainable", lambda: names(foo.trainable_variables))
    note("not trainable", lambda: names(foo.non_trainable_variables))
    note("submodules", lambda: names(foo.submodules))
    note("list's variables", lambda: names(foo.a.variables))
    note("list's trainable", lambda: names(foo.a.trainable_variables))
    is_variable = lambda x: isinstance(x, tf.Variable)  # noqa: E731
    paths = lambda **how: [p for p, _ in foo._flatten(with_path=True, **how)]  # noqa: E731
    note("paths", lambda: paths(predicate=is_variable))
    note("not recursive", lambda: paths(predicate=is_variable, recursive=False))
    note("names", lambda: (foo.name, foo.name_scope.name, MyHTTPLayer2D().name))
    note("scope of a method", lambda: MyHTTPLayer2D()())
    with tf.name_scope("outer"):
        note("scope around", lambda: tf.Module(name="inner").name_scope.name)
    note("is trackable", lambda: isinstance(foo.b, tf.__internal__.tracking.Trackable))
    foo.odd = {1: foo.b, "x": 2}
    note("keys that cannot be sorted", lambda: foo.variables)


def checkpoints(tf: Any, note: Notes, folder: str) -> None:
    """tf.train.Checkpoint: paths, files, keys, errors."""
    v = tf.Variable(1.5, name="w")
    u = tf.Variable(0.0)
    point = tf.train.Checkpoint(v=v)
    first = folder + "/ckpt-1"
    other = folder + "/x/y/other"

    def listed(path: str) -> Any:
        return [key for key, _ in tf.train.list_variables(path)]

    note("save", lambda: point.save(folder + "/ckpt"))
    note("write", lambda: point.write(other))
    note("files", lambda: [sorted(os.listdir(folder + x)) for x in ("", "/x/y")])
    note("state", lambda: pathlib.Path(folder, "checkpoint").read_text())
    note("keys", lambda: tf.train.list_variables(folder))
    note("keys of a path", lambda: listed(other))
    note("latest", lambda: tf.train.latest_checkpoint(folder))
    note("latest of nothing", lambda: tf.train.latest_checkpoint(folder + "/x"))
    note("no such checkpoint", lambda: point.restore(folder + "/nope-3"))
    note("no such checkpoint, read", lambda: point.read(folder + "/nope-3"))
    note("no such checkpoint, load", lambda: tf.train.load_checkpoint(folder + "/nope-3"))
    note("a folder without any", lambda: tf.train.load_checkpoint(folder + "/x"))
    note("restore a folder", lambda: point.restore(folder))
    note("restore nothing", lambda: type(point.restore(None)).__name__)
    note("restore nothing, consumed", lambda: point.restore(None).assert_consumed())
    note("restore nothing, ops", lambda: point.restore(None).run_restore_ops())
    note("restore an empty path", lambda: point.restore(""))
    reader = tf.train.load_checkpoint(folder)
    key = "v/.ATTRIBUTES/VARIABLE_VALUE"
    note("shapes", lambda: sorted(reader.get_variable_to_shape_map().items()))
    note("dtypes", lambda: sorted(reader.get_variable_to_dtype_map().items()))
    note("has_tensor", lambda: [reader.has_tensor(key), reader.has_tensor("v")])
    note("debug_string", lambda: reader.debug_string())
    note("get_tensor", lambda: reader.get_tensor(key))
    note("get_tensor of nothing", lambda: reader.get_tensor("v"))
    note("load_variable", lambda: tf.train.load_variable(folder, key))
    for value in ([1.0, 2.0], 1, np.float64(1)):
        wrong = tf.Variable(value, name="wrong")
        note(f"into {value!r}", lambda w=wrong: tf.train.Checkpoint(v=w).restore(first))
    more = tf.train.Checkpoint(v=u, z=tf.Variable(1.0, name="zz"))
    status = more.restore(first).expect_partial()
    note("more objects, consumed", lambda: status.assert_consumed())
    note("more objects, existing", lambda: status.assert_existing_objects_matched())
    note("more objects, nontrivial", lambda: status.assert_nontrivial_match() is status)
    note("restored", lambda: u.numpy())
    fewer = tf.train.Checkpoint()
    status = fewer.restore(first).expect_partial()
    note("fewer objects, consumed", lambda: status.assert_consumed())
    note("fewer objects, existing", lambda: status.assert_existing_objects_matched() is status)
    note("no object", lambda: tf.train.Checkpoint().read(other).assert_nontrivial_match())
    note(
        "other objects",
        lambda: tf.train.Checkpoint(y=tf.Variable(3.0)).read(other).assert_nontrivial_match(),
    )
    note("status", lambda: (status.initialize_or_restore(), status.run_restore_ops()))
    note("a number by name", lambda: tf.train.Checkpoint(a=3))
    note("a list by name", lambda: listed(tf.train.Checkpoint(a=[v]).write(folder + "/list")))
    note("a list as root", lambda: tf.train.Checkpoint([1]))
    note("a number as root", lambda: tf.train.Checkpoint(3))
    function = tf.function(lambda: 1)
    note(
        "functions", lambda: listed(tf.train.Checkpoint(function, f=function).write(folder + "/f"))
    )

    @tf.function
    def write() -> Any:
        return point.write(folder + "/fn")

    @tf.function(autograph=False)
    def save() -> Any:
        return point.save(folder + "/fn")

    @tf.function(autograph=False)
    def restore() -> None:
        point.restore(first)

    note("write in a function", write)
    note("save in a function", save)
    note("restore in a function", restore)
    note("a path object", lambda: point.save(pathlib.Path(folder) / "sub" / "p"))
    note("restore a path object", lambda: point.restore(pathlib.Path(folder) / "sub" / "p-2"))
    v.assign(8.0)
    note("restored again", lambda: (point.restore(first) and v.numpy(), point.save_counter.numpy()))
    point.extra = u
    note("an attribute", lambda: listed(point.write(other)))
    called: list[Any] = []
    options = tf.train.CheckpointOptions(experimental_write_callbacks=[called.append])
    note("callbacks", lambda: (point.write(other, options), called))
    note("callback of two", lambda: tf.train.CheckpointOptions(
        experimental_write_callbacks=[lambda a, b: None]))  # fmt: skip

    m = tf.Module()
    m.l, m.d, m.t, m.e = [v, 1], {"a": v}, (v, 2), []
    holder = tf.train.Checkpoint(m=m)
    path = folder + "/m"
    note("containers", lambda: listed(holder.write(path)))
    m.dd = {1: v}
    note("a key that is no text", lambda: holder.write(path))
    del m.dd
    m.l[0] = u
    note("an element replaced", lambda: holder.write(path))
    outside = [v]
    m.l = outside
    outside.append(u)
    note("a list changed outside", lambda: holder.write(path))
    m.l = [v]
    known = {"a": v}
    m.d = known
    known["b"] = u
    note("a dict changed outside", lambda: holder.write(path))
    m.d = {"a": v}
    m.d["a"], m.d["b"] = u, v
    note("a dict's values replaced", lambda: listed(holder.write(path)))
    m.l = [v, u]
    m.l.pop()
    note("pop", lambda: holder.write(path))
    m.l = [1, 2]
    m.l.pop()
    note("pop of a number", lambda: holder.write(path))
    m.l = [v]
    m.l += [u]
    m.l.extend([v])
    note("appended", lambda: listed(holder.write(path)))
    note("root", lambda: listed(tf.train.Checkpoint(m).save(folder + "/r")))
    note("root and more", lambda: listed(tf.train.Checkpoint(m, b=v, q=u).save(folder + "/r")))
    odd = tf.Module()
    odd.d = {"a/b.c": v, "x.y": u}
    note("escaped", lambda: listed(tf.train.Checkpoint(odd).write(path)))
    note("the nearest name", lambda: listed(tf.train.Checkpoint(z=v, b=odd).write(path)))

    class Mine(tf.train.experimental.PythonState):
        x = "5"

        def serialize(self) -> str:
            return self.x

        def deserialize(self, string_value: Any) -> None:
            self.x = string_value

    mine = Mine()
    python = tf.train.Checkpoint(p=mine)
    note("Python state", lambda: listed(python.write(path)))
    mine.x = "9"
    note("Python state back", lambda: python.read(path).assert_consumed() and mine.x)
    note("abstract", lambda: tf.train.experimental.PythonState())
    for value in (True, 5, 2.5, 1 + 2j, "text", [[1, 2], [3, 4]], ["a", "bc"], np.float16(0.1)):
        saved = tf.Variable(value)
        tf.train.Checkpoint(v=saved).write(path)
        note(f"{value!r} back", lambda: tf.train.load_variable(path, key))
        again = tf.Variable(tf.zeros_like(saved))
        note("restored", lambda a=again: tf.train.Checkpoint(v=a).read(path) and a.numpy())


def deferred(tf: Any, note: Notes, folder: str) -> None:
    """Objects that are made after the restoration, and warnings about what is left."""
    saved = tf.Module()
    saved.w = tf.Variable([1.0, 2.0])
    saved.l = [tf.Variable(5.0), tf.Variable(6.0)]
    path = tf.train.Checkpoint(m=saved).save(folder + "/d")
    m = tf.Module()
    point = tf.train.Checkpoint(m=m)
    status = point.restore(path)
    note("before", lambda: status.assert_consumed())
    m.w = tf.Variable([0.0, 0.0])
    note("assigned", lambda: m.w.numpy())
    m.l = []
    m.l.append(tf.Variable(0.0))
    note("appended", lambda: m.l[0].numpy())
    note("one is left", lambda: status.assert_consumed())
    m.l.append(tf.Variable(0.0))
    note("consumed", lambda: status.assert_consumed() is status)
    note("all", lambda: ([x.numpy() for x in m.l], point.save_counter.numpy()))
    m.w = tf.Variable([0.0, 0.0])
    note("assigned again", lambda: m.w.numpy())
    later = tf.train.Checkpoint()
    later.restore(path).expect_partial()
    later.m = tf.Module()
    later.m.w = tf.Variable([0.0, 0.0])
    note("two levels", lambda: later.m.w.numpy())
    wrong = tf.Module()
    tf.train.Checkpoint(m=wrong).restore(path).expect_partial()

    def assign() -> None:
        wrong.w = tf.Variable([0.0, 0.0, 0.0], name="three")

    note("another shape", assign)
    twice = tf.Module()
    both = tf.train.Checkpoint(m=twice)
    saved.w.assign(tf.constant([3.0, 4.0]))
    second = tf.train.Checkpoint(m=saved).write(folder + "/e")
    both.restore(path).expect_partial()
    both.read(second).expect_partial()
    twice.w = tf.Variable([0.0, 0.0])
    note("the later of two", lambda: twice.w.numpy())
    counting = tf.train.Checkpoint(saved)
    note("counter of a root", lambda: (counting.save(folder + "/r"), counting.save(folder + "/r")))
    fresh = tf.train.Checkpoint(saved)
    note("counter comes back", lambda: fresh.restore(folder + "/r-2") and fresh.save(folder + "/r"))
    same = tf.Variable([7.0, 7.0])
    tied = tf.train.Checkpoint(a=same, b=same)
    tied.write(folder + "/t")
    one, two = tf.Variable([0.0, 0.0]), tf.Variable([0.0, 0.0])
    with contextlib.redirect_stderr(io.StringIO()):
        note("tied", lambda: tf.train.Checkpoint(a=one, b=two).read(folder + "/t") and one.numpy())
    note("untied", lambda: two.numpy())


def managers(tf: Any, note: Notes, folder: str) -> None:
    """tf.train.CheckpointManager."""
    v = tf.Variable(1.0)
    step = tf.Variable(0, dtype=tf.int64)
    point = tf.train.Checkpoint(v=v)
    place = folder + "/mgr"
    manager = tf.train.CheckpointManager(point, place, 2)
    note("nothing yet", lambda: (manager.latest_checkpoint, manager.checkpoints))
    note("nothing to restore", lambda: manager.restore_or_initialize())
    note("four", lambda: [manager.save() for _ in range(4)])
    note("kept", lambda: (manager.checkpoints, manager.latest_checkpoint, manager.directory))
    note("files", lambda: sorted(os.listdir(place)))
    note("text", lambda: TIME.sub("T", pathlib.Path(place, "checkpoint").read_text()))
    note("state", lambda: TIME.sub("T", str(tf.train.get_checkpoint_state(place))))
    note("paths", lambda: list(tf.train.get_checkpoint_state(place).all_model_checkpoint_paths))
    note("number", lambda: (manager.save(77), manager.checkpoints, point.save_counter.numpy()))
    note("variable", lambda: (manager.save(tf.Variable(7)), manager.checkpoints))
    note("again", lambda: (manager.save(7), manager.checkpoints))
    note("zero", lambda: tf.train.CheckpointManager(point, folder, 0))
    note("no counter", lambda: tf.train.CheckpointManager(point, folder, 1, checkpoint_interval=2))
    second = tf.train.CheckpointManager(point, place, 2)
    note("recovered", lambda: (second.latest_checkpoint, second.checkpoints))
    v.assign(9.0)
    note("restore", lambda: (second.restore_or_initialize(), v.numpy()))
    note(
        "fewer", lambda: (tf.train.CheckpointManager(point, place, 1).save(), os.listdir(place))[0]
    )
    note("files then", lambda: sorted(os.listdir(place)))
    every = tf.train.CheckpointManager(
        point, folder + "/every", 3, checkpoint_name="model", step_counter=step,
        checkpoint_interval=2, init_fn=lambda: v.assign(50.0),
    )  # fmt: skip
    note("init_fn", lambda: (every.restore_or_initialize(), v.numpy()))

    def steps() -> Any:
        found = []
        for _ in range(5):
            step.assign_add(1)
            found.append(every.save())
        return found

    note("interval", steps)
    note("same step", lambda: every.save())
    step.assign_add(1)
    note("unchecked", lambda: every.save(check_interval=False))
    note("interval's", lambda: (every.checkpoint_interval, every.checkpoint is point))
    hours = tf.train.CheckpointManager(point, folder + "/h", 1, keep_checkpoint_every_n_hours=1e-7)
    note("hours", lambda: [hours.save() for _ in range(3)])
    note("hours' files", lambda: sorted(os.listdir(folder + "/h")))
    note(
        "all", lambda: [tf.train.CheckpointManager(point, folder + "/n", None).save() for _ in "ab"]
    )
    note("iterator", lambda: list(tf.train.checkpoints_iterator(place, timeout=0)))
    pathlib.Path(folder, "bad").mkdir()
    pathlib.Path(folder, "bad", "checkpoint").write_text('model_checkpoint_path: "gone-1"\n')
    note("gone", lambda: tf.train.latest_checkpoint(folder + "/bad"))
    pathlib.Path(folder, "bad", "checkpoint").write_text("nonsense")
    note("nonsense", lambda: tf.train.get_checkpoint_state(folder + "/bad"))
    os.chdir(folder)
    near = tf.train.CheckpointManager(point, "near", 1)
    note("relative", lambda: (near.save(), pathlib.Path("near/checkpoint").read_text()[:60]))
    note("no folder", lambda: (point.save("here"), tf.train.latest_checkpoint(".")))


def averages(tf: Any, note: Notes, folder: str) -> None:
    """tf.train.ExponentialMovingAverage without a strategy."""
    average = tf.train.ExponentialMovingAverage(0.9)
    x = tf.Variable(1.0, name="x")
    y = tf.Variable([1.0, 2.0], name="y", dtype=tf.float64)
    note("apply", lambda: average.apply([x, y]))
    note("average", lambda: average.average(x))
    note("names", lambda: (average.average_name(x), average.name))
    note("of another", lambda: average.average(tf.Variable(1.0)))
    x.assign(2.0)
    y.assign(tf.constant([3.0, 4.0], tf.float64))
    average.apply([x, y])
    note("then", lambda: (average.average(x).numpy(), average.average(y).numpy()))
    note("trainable", lambda: average.average(x).trainable)
    counted = tf.train.ExponentialMovingAverage(0.9, num_updates=3, zero_debias=True, name="Ema")
    note("counted", lambda: (counted.apply([x]), x.assign(5.0), counted.apply([x]))[0])
    note("counted's", lambda: counted.average(x).numpy())
    note("unknown name", lambda: counted.average_name(tf.Variable(1.0, name="k")))
    note("no list", lambda: counted.apply())
    note("a tensor", lambda: counted.apply([tf.constant(1.0)]))
    note("an integer", lambda: counted.apply([tf.Variable(1, name="i")]))

    @tf.function
    def step() -> Any:
        average.apply([x])
        return x + 1.0

    note("in a function", lambda: (step(), average.average(x).numpy()))


GROUPS = {
    "files": files,
    "containers": containers,
    "modules": modules,
    "checkpoints": checkpoints,
    "deferred": deferred,
    "managers": managers,
    "averages": averages,
}
WITH_VARIABLES = ("modules", "checkpoints", "deferred", "managers", "averages")


def play(tf: Any, group: str, folder: str) -> list[str]:
    """What is seen in a group, in an empty folder."""
    note = Notes(folder)
    before = os.getcwd()
    try:
        GROUPS[group](tf, note, folder)
    finally:
        os.chdir(before)
    return note.lines
