"""Expressions of `tf.experimental.numpy`, here `tnp`; how they are written is told in `table.py`."""

DTYPES = """
tnp.result_type(f(3), 1)
tnp.result_type(i(3), 1.5)
tnp.result_type(i(3), f(2))
tnp.promote_types(np.int32, np.float32)
tnp.array([1, 2])
tnp.array([1.5, 2.0])
tnp.array(f(2), np.float64)
tnp.array(3, ndmin=2)
tnp.asarray([True, False])
tnp.asarray(f(2), int)
tnp.ascontiguousarray(2.0)
tnp.copy(f(2))
tnp.pi * f(2)
tnp.finfo(tf.float32).max
"""

ELEMENTWISE = """
tnp.add(f(3), f(2,3)) | gradient
tnp.add(b(3), b(3))
tnp.add(i(3), 1.5)
tnp.subtract(f(3), 1)
tnp.subtract(b(3), b(3))
tnp.multiply(f(3), d(3))
tnp.multiply(b(3), b(3))
tnp.divide(i(3), 2)
tnp.true_divide(b(3), True)
tnp.floor_divide(f(3), p(3))
tnp.floor_divide(b(3), True)
tnp.mod(i(3), 3)
tnp.divmod(i(3), 2)
tnp.power(p(3), 2) | gradient
tnp.float_power(i(3), 2)
tnp.arctan2(f(3), p(3)) | gradient
tnp.maximum(f(3), 0) | gradient
tnp.maximum(b(3), b(3))
tnp.minimum(f(3), i(3))
tnp.clip(f(4), -0.5, 0.5) | gradient
tnp.clip(i(4), None, 1)
tnp.clip(i(4), 0, 1.5)
tnp.clip(f(4), None, None)
tnp.bitwise_and(i(3), 6)
tnp.bitwise_or(b(3), b(3))
tnp.bitwise_xor(i(3), 1)
tnp.bitwise_not(i(3))
tnp.bitwise_not(b(3))
tnp.log(p(3)) | gradient
tnp.log(i(3) + 20)
tnp.log2(p(3)) | gradient
tnp.log10(p(3)) | gradient
tnp.log1p(p(3))
tnp.exp(f(3)) | gradient
tnp.exp2(f(3)) | gradient
tnp.expm1(f(3))
tnp.sqrt(p(3)) | gradient
tnp.sqrt(4)
tnp.cbrt(f(3)) | gradient
tnp.square(f(3)) | gradient
tnp.square(i(3))
tnp.abs(f(3)) | gradient
tnp.fabs(i(3))
tnp.absolute(f(3))
tnp.negative(f(3))
tnp.positive(f(3))
tnp.reciprocal(p(3)) | gradient
tnp.sign(f(3))
tnp.signbit(f(3))
tnp.signbit(b(3))
tnp.ceil(f(3))
tnp.floor(f(3))
tnp.floor(i(3))
tnp.fix(f(3))
tnp.around(f(3))
tnp.around(f(3), 2)
tnp.round(i(3), -1)
tnp.sin(f(3)) | gradient
tnp.cos(f(3))
tnp.tan(u(3))
tnp.sinh(f(3))
tnp.cosh(f(3))
tnp.tanh(f(3)) | gradient
tnp.arcsin(u(3)) | gradient
tnp.arccos(u(3))
tnp.arctan(f(3))
tnp.arcsinh(f(3))
tnp.arccosh(p(3) + 1)
tnp.arctanh(u(3))
tnp.deg2rad(f(3))
tnp.rad2deg(f(3))
tnp.angle(z(3))
tnp.angle(f(3))
tnp.angle(f(3), deg=True)
tnp.sinc(f(3)) | gradient
tnp.hypot(f(3), p(3)) | gradient
tnp.logaddexp(f(3), p(3)) | gradient
tnp.logaddexp2(f(3), p(3))
tnp.heaviside(f(3), 0.5)
tnp.heaviside(c([-1, 0, 1]), 1)
tnp.conj(z(2))
tnp.conjugate(f(2))
tnp.real(z(2))
tnp.imag(z(2))
tnp.iscomplex(z(2))
tnp.isreal(z(2))
tnp.iscomplexobj(z(2))
tnp.isrealobj(f(2))
tnp.isnan(f(2) / 0.0)
tnp.isnan(i(2))
tnp.isfinite(f(2) / 0.0)
tnp.isinf(f(2) / 0.0)
tnp.isinf(i(2))
tnp.isposinf(f(2) / 0.0)
tnp.isneginf(f(2) / 0.0)
tnp.equal(f(3), i(3))
tnp.not_equal(i(3), 2)
tnp.greater(f(3), 0)
tnp.greater(b(3), b(3))
tnp.greater_equal(i(3), 0.5)
tnp.less(f(3), p(3))
tnp.less_equal(f(3), 0.1)
tnp.logical_and(f(3), b(3))
tnp.logical_or(i(3), b(3))
tnp.logical_xor(b(3), True)
tnp.logical_not(i(3))
tnp.isclose(f(3), f(3))
tnp.isclose(i(3), i(3))
tnp.isclose(f(2) * np.nan, f(2) * np.nan, equal_nan=True)
tnp.allclose(f(3), p(3))
tnp.array_equal(i(3), i(3))
tnp.array_equal(i(3), i(2))
"""

REDUCING = """
tnp.sum(f(2,3)) | gradient
tnp.sum(f(2,3), axis=1, keepdims=True)
tnp.sum(i(2,3))
tnp.sum(b(2,3), axis=0)
tnp.sum(b(2,3), dtype=bool)
tnp.prod(f(2,3), axis=0) | gradient
tnp.prod(c([2, 3], tf.uint8))
tnp.mean(f(2,3), axis=1) | gradient
tnp.mean(i(2,3))
tnp.mean(f(2,3), dtype=np.float64)
tnp.mean(f(2), out=1)
tnp.amax(f(2,3), axis=0) | gradient
tnp.max(b(3))
tnp.amin(i(2,3), axis=-1, keepdims=True)
tnp.min(f(3))
tnp.ptp(f(2,3), axis=0)
tnp.var(f(2,3), axis=1) | gradient
tnp.var(i(2,3))
tnp.var(f(2,3), ddof=1)
tnp.var(f(2,3), axis=0, ddof=1, dtype=np.float64)
tnp.std(f(2,3), axis=0)
tnp.std(i(2,3))
tnp.all(b(2,3), axis=1)
tnp.any(i(2,3), keepdims=True)
tnp.cumsum(f(2,3), axis=1) | gradient
tnp.cumsum(i(2,3))
tnp.cumprod(f(2,3), axis=-1)
tnp.cumprod(c([2, 3], tf.int8))
tnp.nansum(c([1.0, np.nan, 2.0]))
tnp.nanprod(c([3.0, np.nan, 2.0]))
tnp.nanmean(c([[1.0, np.nan], [2.0, 5.0]]), axis=1)
tnp.nanmean(i(3))
tnp.count_nonzero(i(2,3), axis=0)
tnp.average(f(2,3), axis=1) | gradient
tnp.average(i(3))
tnp.average(f(2,3), axis=1, weights=p(3)) | gradient
tnp.average(f(2,3), weights=p(2,3))
tnp.average(f(2,3), axis=0, returned=True)
tnp.argsort(f(2,3))
tnp.argsort(f(2,3), axis=None)
tnp.argsort(c(2.0))
tnp.argsort(f(3), kind='heapsort')
tnp.sort(f(2,3), axis=0)
tnp.sort(f(2,3), axis=None)
tnp.sort(f(3), kind='stable')
tnp.argmax(f(2,3), axis=1)
tnp.argmax(f(2,3))
tnp.argmin(c(2.0))
"""

ARRANGING = """
tnp.reshape(f(2,3), (3, -1)) | gradient
tnp.reshape(f(2,3), 6)
tnp.reshape(i(2,3), (3, 2), order='F')
tnp.reshape(f(2), 2, order='A')
tnp.expand_dims(f(2), 0)
tnp.squeeze(f(1,2,1), axis=2)
tnp.ravel(f(2,3))
tnp.flatten(i(2,3), order='F')
tnp.ndim(f(2,3))
tnp.shape(f(2,3))
tnp.size(f(2,3))
tnp.isscalar(2.0)
tnp.transpose(f(2,3)) | gradient
tnp.transpose(f(2,3,4), (2, 0, 1))
tnp.swapaxes(f(2,3,4), 0, -1)
tnp.moveaxis(f(2,3,4), 0, -1)
tnp.moveaxis(f(2,3,4), (0, 1), (-1, 0))
tnp.moveaxis(f(2,3), (0, 1), 0)
tnp.flip(f(2,3))
tnp.flip(f(2,3), 1)
tnp.flipud(i(2,3))
tnp.fliplr(i(2,3))
tnp.rot90(i(2,3))
tnp.rot90(i(2,3), 2)
tnp.rot90(i(2,3), 3)
tnp.roll(i(2,3), 1)
tnp.roll(i(2,3), 1, axis=1)
tnp.repeat(i(3), 2)
tnp.repeat(f(2,3), [1, 2], axis=0)
tnp.tile(i(3), (2, 2))
tnp.tile(i(2,3), 2)
tnp.pad(f(2,3), ((1, 0), (0, 2)), 'constant', constant_values=7)
tnp.pad(f(3), ((1, 1),), 'reflect')
tnp.pad(f(3), ((1, 1),), 'edge')
tnp.split(i(6), 3)
tnp.split(i(6), [1, 4])
tnp.split(i(6), [4, 1])
tnp.hsplit(i(2,4), 2)
tnp.vsplit(i(4,2), 2)
tnp.dsplit(i(2,2,4), 2)
tnp.hsplit(i(2,3), 2)
tnp.atleast_1d(2.0)
tnp.atleast_2d(f(3), 1)
tnp.atleast_3d(f(3))
tnp.atleast_3d(f(2,3))
tnp.stack([f(2), f(2)], axis=1) | gradient
tnp.stack(f(2,3), axis=1)
tnp.concatenate([f(2), i(2)])
tnp.concatenate([f(2,3), f(1,3)], axis=0) | gradient
tnp.concatenate([])
tnp.append(i(2), [1.5])
tnp.append(f(2,3), f(1,3), axis=0)
tnp.vstack([f(3), f(3)])
tnp.hstack([f(3), f(2)])
tnp.hstack([f(2,1), f(2,2)])
tnp.dstack([f(2), f(2)])
tnp.broadcast_to(f(3), (2, 3))
tnp.broadcast_arrays(f(3), f(2,1))
tnp.meshgrid(f(2), f(3))
tnp.meshgrid(f(2), f(3), indexing='ij')
tnp.take(f(5), [0, 4, 9]) | gradient
tnp.take(f(2,3), c([2, -1]), axis=1)
tnp.take(f(5), [0, 4, 9], mode='wrap')
tnp.take(f(5), [0], mode='raise')
tnp.take_along_axis(f(2,3), c([[0, 2], [1, -1]]), axis=1) | gradient
tnp.take_along_axis(f(2,3), c([[1, 0, 1]]), axis=0)
tnp.take_along_axis(f(2,3), c([3, 1]), axis=None)
tnp.where(b(3), f(3), 0) | gradient
tnp.where(b(3), i(3), f(3))
tnp.where(b(3))
tnp.where(b(3), f(3))
tnp.nonzero(i(2,3))
tnp.select([b(3), b(3)], [f(3), i(3)], 7)
tnp.select([b(3)], [])
tnp.compress([True, False, True], f(4))
tnp.compress([False, True], f(2,3), axis=1)
"""

MAKING = """
tnp.zeros((2, 3))
tnp.zeros(2, np.int32)
tnp.empty((2,))
tnp.ones((2,), tf.float32)
tnp.zeros_like(f(2))
tnp.zeros_like(i(2), float)
tnp.ones_like(b(2))
tnp.full((2, 2), 7)
tnp.full(3, f())
tnp.full_like(f(2), 7)
tnp.full_like(i(2), 1.5)
tnp.full_like(i(2), 1.5, order='C')
tnp.eye(3)
tnp.eye(2, 4, k=1, dtype=tf.float32)
tnp.eye(4, 2, k=-1)
tnp.identity(2, np.int32)
tnp.tri(3)
tnp.tri(2, 4, k=1, dtype=np.int32)
tnp.tri(4, 2, k=-2)
tnp.arange(4)
tnp.arange(1, 7, 2)
tnp.arange(0.0, 1.0, 0.25)
tnp.arange(3, dtype=np.float32)
tnp.arange(5, 1, -2)
tnp.arange(3, 1)
tnp.arange(3, step=0)
tnp.linspace(0, 1, 5)
tnp.linspace(0.0, 1.0, 4, endpoint=False)
tnp.linspace(f(2), p(2), 3, axis=1)
tnp.linspace(0, 2, 3, retstep=True)
tnp.linspace(0, 1, -1)
tnp.logspace(0, 2, 3)
tnp.logspace(0.0, 3.0, 4, base=2.0)
tnp.tril(f(3,3)) | gradient
tnp.tril(f(2,4), k=1)
tnp.triu(f(3,3), k=-1) | gradient
tnp.triu(b(3,3))
tnp.tril(f(3))
tnp.diag(f(3)) | gradient
tnp.diag(f(2), k=1)
tnp.diag(f(3,3)) | gradient
tnp.diag(f(2,3), k=1)
tnp.diagflat(f(2,2))
tnp.diagonal(f(2,3,3))
tnp.diagonal(f(2,3,3), offset=1, axis1=1, axis2=2)
tnp.diag_indices(2)
tnp.diag_indices(-1)
tnp.trace(f(3,3)) | gradient
tnp.trace(f(2,3,3), offset=1, axis1=1, axis2=2)
tnp.trace(i(3,3), dtype=float)
tnp.dot(f(2,3), f(3)) | gradient
tnp.dot(f(2,3), f(3,2))
tnp.dot(2.0, f(2))
tnp.matmul(f(2,3), f(3,4)) | gradient
tnp.matmul(f(3), f(3,2))
tnp.matmul(f(2,3), d(3))
tnp.matmul(f(2,2,3), f(2,3,2))
tnp.tensordot(f(2,3), f(3,2), axes=1)
tnp.tensordot(f(2,3), f(2,3))
tnp.inner(f(2,3), f(4,3)) | gradient
tnp.inner(2.0, f(2))
tnp.outer(f(2), f(2,2)) | gradient
tnp.vdot(f(2,3), f(2,3)) | gradient
tnp.vdot(z(2), z(2))
tnp.kron(f(2,2), f(1,3)) | gradient
tnp.kron(f(2), f(2,3))
tnp.cross(f(2,3), f(3)) | gradient
tnp.cross(f(2,2), f(2,2))
tnp.cross(f(3,2), f(3,2), axis=0)
tnp.einsum('ij,jk->ik', f(2,3), i(3,2))
tnp.einsum('ij->j', f(2,3)) | gradient
tnp.diff(f(4)) | gradient
tnp.diff(f(2,4), n=2, axis=1)
tnp.diff(b(4))
tnp.diff(f(4), axis=1)
"""

# what Keras's layers use besides
OF_KERAS = """
tf.as_dtype(np.dtype('int64'))
tf.as_dtype(None)
tf.cast(f(2), np.dtype('int64'))
tf.reshape(f(2,2), (c(4.0), 1)) | gradient
tf.matmul(c([[1, 2]], tf.int8), c([[3], [4]], tf.int8), output_type=tf.int32)
tf.nn.depth_to_space(f(1,2,2,4), 2) | gradient
tf.nn.space_to_depth(f(1,4,2,2), 2) | gradient
tf.nn.depth_to_space(f(1,2,1,12), 2)
tf.math.bincount(c([[1,1],[3,0]]), axis=-1)
tf.math.bincount(c([[1,1],[3,0]]), axis=-1, minlength=6, binary_output=True)
tf.math.bincount(c([[1,1],[3,0]]), axis=-1, weights=f(2,2))
tf.math.bincount(c([1,1]), axis=-1)
tf.transpose(f(2,3), __import__('collections').deque([1, 0]))
tf.compat.as_text(b'a')
tf.compat.as_bytes('a')
tf.compat.as_text(1)
tf.compat.as_bytes(1)
tf.compat.as_str_any(1)
tf.ragged.map_flat_values(tf.negative, tf.RaggedTensor.from_row_lengths(f(3), [1, 2])).to_tensor()
tf.ragged.map_flat_values(tf.add, f(2), 1) | gradient
tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, 7).lookup(c(['a', 'b']))
tf.lookup.experimental.MutableHashTable(tf.int32, tf.float32, 7.0).size()
"""

# an image that is turned, and one that is moved far away
TURNED, MOVED = ".9,.2,-3.,-.1,1.1,2.,.01,0.", ".9,.2,-13.,-.1,1.1,12.,0.,0."
PROJECTED = "\n".join(
    "tf.raw_ops.ImageProjectiveTransformV3(images=f(2,4,5,1), output_shape=[4,6], fill_value=0.5, "
    f"transforms=c([[{transform}]]), interpolation={interpolation!r}, fill_mode={fill!r})"
    for transform, interpolation, fill in (
        (TURNED, "BILINEAR", "CONSTANT"),
        (TURNED, "NEAREST", "REFLECT"),
        (MOVED, "BILINEAR", "REFLECT"),
        (MOVED, "BILINEAR", "WRAP"),
        (MOVED, "NEAREST", "NEAREST"),
    )
)

TEXTS = (OF_KERAS, PROJECTED, DTYPES, ELEMENTWISE, REDUCING, ARRANGING, MAKING)
