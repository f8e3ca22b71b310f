"""Host code that appends to a log and writes a CSV: whatever the replicas, one copy of each line."""

import csv
import os

import tensorflow as tf

LOG = "logs/run.log"


def log(message):
    with open(LOG, "a") as file:
        file.write(message + "\n")


os.makedirs(os.path.dirname(LOG), exist_ok=True)
log("started")
strategy = tf.distribute.MirroredStrategy()
log("%d replicas" % strategy.num_replicas_in_sync)

with strategy.scope():
    total = tf.Variable(0.0, aggregation=tf.VariableAggregation.SUM)

with open("history.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["step", "total"])
    for step in range(3):
        strategy.run(lambda: total.assign_add(tf.constant(0.5) * (step + 1)))
        writer.writerow([step, total.numpy()])
        log("step %d" % step)

log("finished")
with open(LOG) as file:
    print(file.read(), end="")
print(open("history.csv").read().replace("\r", ""), end="")
print(sorted(os.listdir(".")))
