"""`tf.function` and the control flow of compiled code.

`flow.current()` says what stands around the code that runs; `undo.log(variable, old)` tells of a
write; `graphs.created(variable)` of a variable that is made.
"""
