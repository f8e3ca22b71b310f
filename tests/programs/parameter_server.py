"""ParameterServerStrategy with an in-process cluster; the coordinator schedules closures on workers."""

import argparse
import os
import socket

import tensorflow as tf


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("localhost", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def create_in_process_cluster(num_workers, num_ps):
    """Creates and starts local servers and returns the cluster_resolver."""
    ports = free_ports(num_workers + num_ps)
    cluster_spec = tf.train.ClusterSpec({
        "worker": ["localhost:%s" % port for port in ports[:num_workers]],
        "ps": ["localhost:%s" % port for port in ports[num_workers:]],
    })
    for job, count in (("worker", num_workers), ("ps", num_ps)):
        for index in range(count):
            tf.distribute.Server(cluster_spec, job_name=job, task_index=index, protocol="grpc")
    return tf.distribute.cluster_resolver.SimpleClusterResolver(cluster_spec, rpc_layer="grpc")


os.environ["GRPC_FAIL_FAST"] = "use_caller"

parser = argparse.ArgumentParser()
parser.add_argument("--workers", type=int, default=2)
args = parser.parse_args()

cluster_resolver = create_in_process_cluster(args.workers, num_ps=1)
strategy = tf.distribute.experimental.ParameterServerStrategy(cluster_resolver)
coordinator = tf.distribute.experimental.coordinator.ClusterCoordinator(strategy)

with strategy.scope():
    w = tf.Variable([1.0, 1.0], name="w")
    steps = tf.Variable(0, aggregation=tf.VariableAggregation.SUM, trainable=False)
    own = tf.Variable(
        0.0,
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.MEAN,
    )


@tf.function
def step_fn(x):
    def replica_fn(x):
        w.assign_sub(0.1 * x)
        steps.assign_add(1)
        own.assign_add(tf.reduce_sum(x))
        return tf.reduce_sum(x)

    per_worker = strategy.run(replica_fn, args=(x,))
    return strategy.reduce(tf.distribute.ReduceOp.SUM, per_worker, axis=None)


print("in sync:", strategy.num_replicas_in_sync)
total = 0.0
for i in range(6):
    result = coordinator.schedule(step_fn, args=(tf.constant([0.5 * i, 1.0]),))
    coordinator.join()
    total += result.fetch().item()
print("steps", steps.numpy(), "fetched %.6f" % total, "done", coordinator.done())
print("w", w.numpy(), "own", own.numpy())
