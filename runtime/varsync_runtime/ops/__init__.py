"""The ops, by family: public functions that convert their arguments and call one `Op` each.

Import `varsync_runtime.ops.library` to have them all exported and the operators of tensors set.
"""
