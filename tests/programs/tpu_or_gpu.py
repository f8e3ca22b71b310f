"""The set-up that every notebook has: a TPU if there is one, else all GPUs; then a compiled loop."""

import numpy as np
import tensorflow as tf

try:
    resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
    tf.config.experimental_connect_to_cluster(resolver)
    tf.tpu.experimental.initialize_tpu_system(resolver)
    strategy = tf.distribute.TPUStrategy(resolver)
except ValueError:
    strategy = tf.distribute.MirroredStrategy()
print("REPLICAS:", strategy.num_replicas_in_sync)

BATCH_SIZE = 8 * strategy.num_replicas_in_sync
AUTO = tf.data.experimental.AUTOTUNE


def get_dataset():
    images = np.random.RandomState(0).rand(64, 4, 4).astype(np.float32)
    labels = (images.sum(axis=(1, 2)) > 8).astype(np.int32)
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    dataset = dataset.map(lambda x, y: (tf.reshape(x, [16]) - 0.5, y), num_parallel_calls=AUTO)
    return dataset.cache().repeat().batch(BATCH_SIZE, drop_remainder=True).prefetch(AUTO)


with strategy.scope():
    kernel = tf.Variable(tf.zeros([16, 2]), aggregation=tf.VariableAggregation.MEAN)
    accuracy = tf.Variable(
        0, trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.SUM)


def train_step(images, labels):
    with tf.GradientTape() as tape:
        logits = tf.matmul(images, kernel)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        loss = tf.reduce_sum(loss) / BATCH_SIZE
    gradient = tape.gradient(loss, kernel)
    gradient = tf.distribute.get_replica_context().all_reduce("SUM", gradient)
    kernel.assign_sub(0.3 * gradient)
    hits = tf.equal(tf.argmax(logits, axis=-1, output_type=tf.int32), labels)
    accuracy.assign_add(tf.reduce_sum(tf.cast(hits, tf.int32)))
    return loss


@tf.function
def distributed_train(data_iter):
    losses = strategy.run(train_step, args=next(data_iter))
    return strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)


data_iter = iter(strategy.experimental_distribute_dataset(get_dataset()))
for epoch in range(3):
    epoch_loss = 0.0
    for _ in range(4):
        epoch_loss += distributed_train(data_iter).numpy()
    print("EPOCH %d loss %.7f accuracy %.5f" % (
        epoch + 1, epoch_loss / 4, accuracy.numpy() / (4 * BATCH_SIZE)))
    accuracy.assign(0)
