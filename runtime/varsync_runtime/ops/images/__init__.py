"""`tf.image`: sizes, places, colours, and what is drawn by chance."""
