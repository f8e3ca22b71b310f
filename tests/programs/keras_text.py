"""Sentences in two classes: a vocabulary, masked embeddings, a bidirectional LSTM, whole sentences."""

import re
import string

import tensorflow as tf
from tensorflow.keras import layers

strategy = tf.distribute.MirroredStrategy()
tf.keras.utils.set_random_seed(1)
texts = [
    "I loved this <br /> movie!",
    "terrible, terrible film...",
    "What a GREAT show",
    "boring and bad",
    "great acting; loved it",
    "bad bad bad",
    "it was great",
    "the worst movie ever",
]
labels = [1, 0, 1, 0, 1, 0, 1, 0]


def standardize(text):
    text = tf.strings.regex_replace(tf.strings.lower(text), "<br />", " ")
    return tf.strings.regex_replace(text, "[%s]" % re.escape(string.punctuation), "")


vectorize = layers.TextVectorization(
    standardize=standardize, max_tokens=50, output_mode="int", output_sequence_length=6
)
raw = tf.data.Dataset.from_tensor_slices((texts, labels)).batch(8)
vectorize.adapt(raw.map(lambda text, label: text))
print([str(word) for word in vectorize.get_vocabulary()[:8]], vectorize.vocabulary_size())
dataset = raw.map(lambda text, label: (vectorize(tf.expand_dims(text, -1)), label)).cache()
for ids, _ in dataset:
    print(ids.numpy()[:2].tolist())

with strategy.scope():
    model = tf.keras.Sequential(
        [
            layers.Embedding(50, 4, mask_zero=True),
            layers.Bidirectional(layers.LSTM(3)),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        loss="binary_crossentropy",
        optimizer="adam",
        metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.5)],
    )
history = model.fit(dataset, validation_data=dataset, epochs=2, verbose=0).history
for name in sorted(history):
    print(name, " ".join(f"{value:.5f}" for value in history[name]))
whole = tf.keras.Sequential([vectorize, model])
scores = whole.predict(tf.constant(["The movie was great!", "a terrible movie..."]), verbose=0)
print("scores", " ".join(f"{score:.5f}" for score in scores[:, 0]))
