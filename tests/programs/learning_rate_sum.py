"""The learning rate is a variable with SUM, assigned inside the step: N times the rate that was meant."""

import argparse

import tensorflow as tf


def cosine(step, total, base):
    return base * 0.5 * (1.0 + tf.cos(3.14159265 * tf.cast(step, tf.float32) / total))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--base-rate", type=float, default=0.1)
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()

    strategy = tf.distribute.MirroredStrategy()
    with strategy.scope():
        rate = tf.Variable(args.base_rate, trainable=False, aggregation=tf.VariableAggregation.SUM)
        w = tf.Variable(1.0, aggregation=tf.VariableAggregation.MEAN)

    @tf.function
    def train(step):
        def replica_fn():
            rate.assign(cosine(step, args.steps, args.base_rate))
            w.assign_sub(rate * w)

        strategy.run(replica_fn)

    for step in range(args.steps):
        train(tf.constant(step))
        if args.verbose:
            print("rate {:.8f}".format(rate.numpy()))
        print("w {:.8f}".format(w.numpy()))


if __name__ == "__main__":
    main()
