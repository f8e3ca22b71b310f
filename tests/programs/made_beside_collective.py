"""Variables that the replicas make in a compiled step: those beside a collective op get no value."""

import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
made = {}


def context():
    return tf.distribute.get_replica_context()


def own_part():
    return tf.cast(context().replica_id_in_sync_group + 1, tf.float32)


def all_reduced():
    total = context().all_reduce("SUM", own_part())
    if "all_reduce" not in made:
        made["all_reduce"] = tf.Variable(5.0)
    return made["all_reduce"] * total


def all_gathered():
    if "all_gather" not in made:
        made["all_gather"] = tf.Variable(tf.zeros([2]))
    parts = context().all_gather(own_part()[tf.newaxis], axis=0)
    return made["all_gather"] * tf.reduce_sum(parts)


def merge_batch(strategy, value):
    return strategy.extended.batch_reduce_to("SUM", [(value, value)])[0]


def batch_reduced():
    if "batch_reduce_to" not in made:
        made["batch_reduce_to"] = tf.Variable(6.0)
    return made["batch_reduce_to"] * context().merge_call(merge_batch, args=(own_part(),))


def merge_reduce(strategy, value):
    return strategy.reduce("SUM", value, axis=None)


def merge_reduced():
    if "merge_call" not in made:
        made["merge_call"] = tf.Variable(7.0)
    return made["merge_call"] * context().merge_call(merge_reduce, args=(own_part(),))


def aggregated():
    if "update" not in made:
        made["update"] = tf.Variable(7.5, aggregation=tf.VariableAggregation.SUM)
    return made["update"].assign_add(own_part())


def multiplied():
    if "reduce" not in made:
        made["reduce"] = tf.Variable(8.0)
    return made["reduce"] * own_part()


def vector():
    if "gather" not in made:
        made["gather"] = tf.Variable(9.0)
    return (made["gather"] * own_part())[tf.newaxis]


def compiled():
    if "jit_compile" not in made:
        made["jit_compile"] = tf.Variable(10.0)
    return made["jit_compile"] * own_part()


def run(name, replica_fn, finish=None, jit_compile=None):
    @tf.function(jit_compile=jit_compile)
    def step():
        results = strategy.run(replica_fn)
        return results if finish is None else finish(results)

    shown = None
    try:
        results = strategy.experimental_local_results(step())
    except tf.errors.OpError as error:
        fed = "You must feed a value for placeholder tensor" in str(error)
        print(name, type(error).__name__, "not fed" if fed else str(error))
        # TensorFlow may stop before it comes to the other copies' initial values
        shown = 1
    else:
        print(name, [result.numpy().tolist() for result in results])
    copies = strategy.experimental_local_results(made[name])[:shown]
    print("  its copies hold", [copy.numpy().tolist() for copy in copies])


def total(results):
    return strategy.reduce("SUM", results, axis=None)


def joined(results):
    return strategy.gather(results, axis=0)


run("all_reduce", all_reduced)
run("all_gather", all_gathered)
run("batch_reduce_to", batch_reduced)
run("merge_call", merge_reduced)
run("update", aggregated)
run("reduce", multiplied, total)
run("gather", vector, joined)
if strategy.num_replicas_in_sync > 1:
    # XLA takes no variable that has no value before the function runs
    run("jit_compile", compiled, jit_compile=True)
