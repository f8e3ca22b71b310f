"""Calls of Keras's public API that are compared with Keras on TensorFlow, one a line.

`f(2, 3)` are floats between -1 and 1, `p(2, 3)` between 0.1 and 1, `i(2, 3)` integers from 0 to 4,
`b(2, 3)` truth values; what else they use are the methods of `Names`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LAYERS = """
layers.AdaptiveAveragePooling1D(2)(f(2, 5, 3))
layers.AdaptiveAveragePooling2D(2)(f(2, 5, 6, 3))
layers.AdaptiveAveragePooling3D(2)(f(1, 4, 4, 5, 2))
layers.AdaptiveMaxPooling1D(2)(f(2, 5, 3))
layers.AdaptiveMaxPooling2D(2)(f(2, 5, 6, 3))
layers.AdaptiveMaxPooling3D(2)(f(1, 4, 4, 5, 2))
layers.ConvLSTM3D(2, 2, kernel_initializer=ones, recurrent_initializer=ones)(f(1, 2, 3, 3, 3, 1))
layers.GRUCell(3, kernel_initializer=ones)(f(2, 4), f(2, 3))
layers.LSTMCell(3, kernel_initializer=ones)(f(2, 4), [f(2, 3), f(2, 3)])
layers.SimpleRNNCell(3, kernel_initializer=ones)(f(2, 4), f(2, 3))
layers.RNN(layers.StackedRNNCells([cell(layers.LSTMCell), cell(layers.GRUCell)]))(f(2, 3, 4))
layers.Lambda(lambda x: x * 2)(f(2, 3))
layers.Pipeline([layers.Rescaling(2.0), layers.Rescaling(3.0)])(f(2, 3))
layers.ReversibleEmbedding(5, 3, embeddings_initializer=ones)(i(2, 3))
layers.SpatialDropout2D(0.5, seed=1)(f(2, 2, 2, 4), training=True)
layers.SpatialDropout3D(0.5, seed=1)(f(2, 2, 2, 2, 4), training=True)
layers.HashedCrossing(7)((np.array(["a", "b"]), np.array(["c", "d"])))
layers.IntegerLookup(vocabulary=[3, 1, 2])(i(2, 3))
layers.IntegerLookup(vocabulary=[3, 1, 2], output_mode="multi_hot")(i(2, 3))
layers.StringLookup(vocabulary=["a", "b"])(np.array([["a", "z"], ["b", "a"]]))
layers.StringLookup(vocabulary=["a", "b"], invert=True)(i(2, 2) % 3)
layers.StringLookup(vocabulary=["a", "b"], output_mode="count")(np.array([["a", "z"], ["b", "a"]]))
adapted(layers.StringLookup(), np.array(["a", "b", "a"])).get_vocabulary()
adapted(layers.IntegerLookup(), np.array([3, 3, 5])).get_vocabulary()
adapted(layers.Discretization(num_bins=3), f(10)).bin_boundaries
layers.TextVectorization(vocabulary=["cat", "dog"])(np.array(["The cat!", "dog cat"]))
adapted(layers.TextVectorization(max_tokens=9), np.array(["a b", "b"])).get_vocabulary()
layers.TextVectorization(vocabulary=["cat", "dog"], output_mode="multi_hot")(np.array(["cat"]))
layers.TextVectorization(vocabulary=["a", "b"], output_mode="count")(np.array(["a b b"]))
layers.Normalization(mean=0.5, variance=2.0, invert=True)(f(2, 3))
layers.CategoryEncoding(5, output_mode="one_hot")(i(3))
layers.CategoryEncoding(5, output_mode="count")(i(2, 3))
layers.CenterCrop(3, 3)(f(2, 5, 6, 3))
layers.Resizing(3, 4)(f(2, 5, 6, 3))
layers.Resizing(3, 4, interpolation="nearest", crop_to_aspect_ratio=True)(f(2, 5, 6, 3))
layers.MelSpectrogram(sampling_rate=800, sequence_stride=64, fft_length=128)(f(1, 300))
layers.AugMix(seed=1, value_range=(0, 1))(p(2, 6, 6, 3), training=True)
layers.AutoContrast(value_range=(0, 1))(p(2, 6, 6, 3))
layers.ContrastLimitedAdaptiveHistogramEqualization(value_range=(0, 1))(p(2, 16, 16, 3))
layers.CutMix(seed=1)({"images": p(2, 6, 6, 3), "labels": p(2, 3)}, training=True)["images"]
layers.Equalization(value_range=(0, 1))(p(2, 6, 6, 3))
layers.MixUp(seed=1)({"images": p(2, 6, 6, 3), "labels": p(2, 3)}, training=True)["images"]
layers.RandAugment(seed=1, value_range=(0, 1))(p(2, 6, 6, 3), training=True)
layers.RandomBrightness(0.3, value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomColorDegeneration(0.5, value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomColorJitter((0, 1), 0.2, 0.2, 0.2, 0.2, seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomContrast(0.3, value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomCrop(4, 4, seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomElasticTransform(value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomErasing(value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomFlip(seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomGaussianBlur(value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomGrayscale(seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomHue(0.3, value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomInvert(value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomPerspective(seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomPosterization(4, value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomRotation(0.2, seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomSaturation(0.3, value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomSharpness(0.5, value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomShear(0.2, 0.2, seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomTranslation(0.2, 0.2, seed=1)(p(2, 6, 6, 3), training=True)
layers.RandomZoom(0.2, seed=1)(p(2, 6, 6, 3), training=True)
layers.Solarization(value_range=(0, 1), seed=1)(p(2, 6, 6, 3), training=True)
layers.add([f(2, 3), p(2, 3)])
layers.average([f(2, 3), p(2, 3)])
layers.concatenate([f(2, 3), p(2, 3)])
layers.dot([f(2, 3), p(2, 3)], axes=1)
layers.maximum([f(2, 3), p(2, 3)])
layers.minimum([f(2, 3), p(2, 3)])
layers.multiply([f(2, 3), p(2, 3)])
layers.subtract([f(2, 3), p(2, 3)])
"""

# functions of targets and predictions
OF_TARGETS = {
    "f(4, 3), f(4, 3)": (
        "losses.cosine_similarity losses.huber losses.log_cosh losses.mean_absolute_error "
        "losses.mean_squared_error metrics.concordance_correlation metrics.pearson_correlation"
    ),
    "p(4, 3), p(4, 3)": (
        "losses.kl_divergence losses.mean_absolute_percentage_error losses.poisson "
        "losses.mean_squared_logarithmic_error"
    ),
    "b(4, 3), p(4, 3)": (
        "losses.binary_crossentropy losses.binary_focal_crossentropy losses.categorical_crossentropy "
        "losses.categorical_focal_crossentropy "
        "losses.categorical_hinge losses.dice losses.hinge losses.squared_hinge losses.tversky "
        "metrics.binary_accuracy metrics.categorical_accuracy metrics.top_k_categorical_accuracy"
    ),
    "i(4), p(4, 5)": (
        "losses.sparse_categorical_crossentropy metrics.sparse_categorical_accuracy "
        "metrics.sparse_top_k_categorical_accuracy"
    ),
}

LOSSES = """
losses.Circle()(i(4), ops.normalize(f(4, 3)))
losses.CategoricalGeneralizedCrossEntropy()(i(4), p(4, 5))
losses.CTC()(np.array([[1, 2], [2, 1]]), f(2, 5, 4))
losses.ctc(np.array([[1, 2], [2, 1]]), f(2, 5, 4))
losses.MeanSquaredError(reduction="none")(f(4, 3), p(4, 3))
losses.MeanSquaredError(reduction="sum")(f(4, 3), p(4, 3))
losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)(b(4, 3), f(4, 3))
losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)(b(4, 3), f(4, 3))
losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1)(i(4) % 3, f(4, 3))
metric(metrics.Accuracy(), i(5), i(5))
metric(metrics.BinaryIoU(), b(5), p(5))
metric(metrics.ConcordanceCorrelation(), f(4, 3), f(4, 3))
metric(metrics.PearsonCorrelation(), f(4, 3), f(4, 3))
metric(metrics.IoU(3, [0, 1]), i(5) % 3, i(5) % 3)
metric(metrics.MeanIoU(3), i(5) % 3, i(5) % 3)
metric(metrics.OneHotIoU(3, [0]), b(5, 3), p(5, 3))
metric(metrics.OneHotMeanIoU(3), b(5, 3), p(5, 3))
metric(metrics.MeanMetricWrapper(losses.huber), f(4, 3), f(4, 3))
metric(metrics.RecallAtPrecision(0.5), b(9), p(9))
metric(metrics.SpecificityAtSensitivity(0.5), b(9), p(9))
metric(metrics.AUC(curve="PR", num_thresholds=20), b(9), p(9))
"""

OTHERS = """
initializers.Constant(3.0)((2, 2))
activations.sparse_sigmoid(f(2, 3))
activations.threshold(f(2, 3), 0.1, 7.0)
regularizers.L1(0.1)(f(2, 3))
regularizers.L2(0.1)(f(2, 3))
regularizers.L1L2(0.1, 0.2)(f(2, 3))
regularizers.OrthogonalRegularizer(0.1)(f(3, 3))
constraints.MaxNorm(0.5)(f(2, 3))
constraints.MinMaxNorm(0.2, 0.5)(f(2, 3))
constraints.NonNeg()(f(2, 3))
constraints.UnitNorm()(f(2, 3))
quantizers.AbsMaxQuantizer(axis=0)(f(4, 3))
quantizers.abs_max_quantize(f(4, 3), axis=0)
quantizers.fake_quant_with_min_max_vars(f(2, 3), -0.5, 0.5)
quantizers.compute_float8_scale(2.0, 1.0, 448.0)
quantizers.compute_float8_amax_history(f(2, 3), p(4))
quantizers.pack_int4(np.array([[1, -2], [3, 4]], "int8"))
quantizers.unpack_int4(np.array([[1, -2]], "int8"), 2)
optimizers.schedules.CosineDecay(0.1, 10)(3)
optimizers.schedules.CosineDecay(0.1, 10, warmup_target=0.5, warmup_steps=5)(3)
optimizers.schedules.CosineDecayRestarts(0.1, 10)(13)
optimizers.schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True)(13)
optimizers.schedules.InverseTimeDecay(0.1, 10, 0.5)(13)
optimizers.schedules.PiecewiseConstantDecay([5, 10], [0.1, 0.2, 0.3])(7)
optimizers.schedules.PolynomialDecay(0.1, 10)(7)
optimized(optimizers.ScheduleFreeAdamW(0.1))
optimized(optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)))
optimized(optimizers.Adam(0.1, gradient_accumulation_steps=2))
random.normal((2, 3), seed=1)
random.uniform((2, 3), seed=1)
random.truncated_normal((2, 3), seed=1)
random.randint((2, 3), 0, 9, seed=1)
random.categorical(f(2, 3), 4, seed=1)
random.shuffle(f(5, 2), seed=1)
random.dropout(f(2, 3), 0.5, seed=1)
random.gamma((2, 3), 2.0, seed=1)
random.beta((2, 3), 2.0, 3.0, seed=1)
random.binomial((2, 3), 5, 0.5, seed=1)
random.normal((2,), seed=random.SeedGenerator(3))
utils.normalize(f(2, 3))
utils.to_categorical(np.array([0, 2, 1]))
utils.pad_sequences([[1, 2], [3]])
utils.split_dataset(np.arange(6.0), left_size=0.5)[0].cardinality()
next(iter(utils.timeseries_dataset_from_array(np.arange(9.0), None, 3, batch_size=2)))
fitted(layers.Dense(3, kernel_initializer=ones))
fitted(layers.Dense(3, kernel_regularizer="l2", bias_constraint="non_neg", kernel_initializer=ones))
fitted(layers.BatchNormalization(synchronized=True))
quantized("int8")
quantized("int4")
"""

UNARY = (
    "abs absolute angle arccos arcsin arcsinh arctan arctanh cbrt ceil celu conj conjugate copy cos "
    "cosh count_nonzero deg2rad elu empty_like erf erfc erfinv exp exp2 expm1 fabs floor gelu "
    "hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh i0 imag isfinite isinf isnan isneginf "
    "isposinf isreal leaky_relu log_sigmoid nan_to_num negative nonzero normalize ones_like rad2deg "
    "real relu relu6 round selu sigmoid sign signbit silu sin sinc sinh soft_shrink softmax softplus "
    "softsign sparse_plus sparse_sigmoid square squareplus stop_gradient swish tan tanh tanh_shrink "
    "trunc zeros_like log_softmax sparsemax logsumexp ravel fliplr flipud ndim size shape "
    "max mean median min amax amin prod ptp std sum var all any argmax argmin argsort cumprod "
    "cumsum diff flip sort transpose trace norm nanargmax nanargmin nancumprod nancumsum nanmax "
    "nanmean nanmedian nanmin nanprod nanstd nansum nanvar diag diagonal average unique pinv qr "
    "logical_not matrix_rank corrcoef squeeze tril triu"
)
OF_POSITIVE = "log log10 log1p log2 reciprocal rsqrt sqrt"
BINARY = (
    "add allclose append arctan2 divide divide_no_nan equal floor_divide fmax fmin fmod "
    "greater greater_equal heaviside hypot inner isclose kron less less_equal logaddexp logaddexp2 "
    "logical_and logical_or logical_xor maximum minimum mod multiply nextafter not_equal outer "
    "subtract true_divide vdot cross polar"
)
OF_INTEGERS = (
    "bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift left_shift "
    "right_shift gcd lcm isin"
)

OPS = """
ops.arange(1, 9, 2)
ops.arccosh(p(3) + 1)
ops.argpartition(f(5), 2)
ops.array([1.0, 2.0])
ops.array_split(f(5), 2)
ops.associative_scan(ops.add, f(5))
ops.average(f(2, 3), axis=1, weights=p(3))
ops.average_pool(f(1, 4, 4, 2), 2, 2)
ops.bartlett(5)
ops.batch_normalization(f(2, 3), f(3), p(3), -1)
ops.binary_crossentropy(p(4), p(4))
ops.bincount(i(6))
ops.bitwise_invert(i(3))
ops.bitwise_not(i(3))
ops.blackman(5)
ops.broadcast_to(f(3), (2, 3))
ops.cast(f(3), "int32")
ops.categorical_crossentropy(p(4, 3), p(4, 3))
ops.cdist(f(2, 3), f(4, 3))
ops.cholesky(positive(3))
ops.cholesky_inverse(ops.cholesky(positive(3)))
ops.clip(f(3), -0.5, 0.5)
ops.concatenate([f(2, 3), p(1, 3)])
ops.cond(True, lambda: 1.0, lambda: 2.0)
ops.conv(f(1, 5, 5, 2), f(2, 2, 2, 3))
ops.conv_transpose(f(1, 4, 4, 2), f(2, 2, 3, 2), 2)
ops.ctc_decode(f(2, 5, 4), np.array([5, 4]))
ops.ctc_loss(np.array([[1, 2], [2, 1]]), f(2, 5, 4), np.array([2, 2]), np.array([5, 5]))
ops.depth_to_space(f(1, 2, 2, 4), 2)
ops.depthwise_conv(f(1, 5, 5, 2), f(2, 2, 2, 1))
ops.det(positive(3))
ops.diagflat(f(3))
ops.digitize(f(4), np.array([-0.5, 0.0, 0.5], "float32"))
ops.dot(f(2, 3), f(3))
ops.dot_product_attention(f(2, 3, 2, 4), p(2, 3, 2, 4), f(2, 3, 2, 4))
ops.dsplit(f(2, 2, 4), 2)
ops.dstack([f(2), f(2)])
ops.eig(positive(3))
ops.eigh(positive(3))[0]
ops.einsum("ij,jk->ik", f(2, 3), p(3, 2))
ops.expand_dims(f(3), 0)
ops.extract_sequences(f(2, 8), 4, 2)
ops.eye(3)
ops.fft((f(4), p(4)))
ops.fft2((f(2, 4), p(2, 4)))
ops.ifft2((f(2, 4), p(2, 4)))
ops.fold(f(1, 4, 4), (3, 3), 2)
ops.fori_loop(0, 3, lambda at, x: x + at, 1)
ops.full((2, 2), 3.0)
ops.full_like(f(2), 3.0)
ops.geomspace(1.0, 8.0, 4)
ops.get_item(f(2, 3), 1)
ops.glu(f(2, 4))
ops.hamming(5)
ops.hanning(5)
ops.histogram(f(9), 3)
ops.hsplit(f(2, 4), 2)
ops.hstack([f(2), f(3)])
ops.identity(2)
ops.in_top_k(i(2), f(2, 5), 2)
ops.inv(positive(3))
ops.irfft((f(2, 5), p(2, 5)), 8)
ops.is_tensor(f(2))
ops.istft(ops.stft(f(1, 64), 16, 8, 16), 16, 8, 16)
ops.jvp(ops.sin, (ops.array(f(3)),), (ops.array(p(3)),))
ops.kaiser(5, 2.0)
ops.layer_normalization(f(2, 3))
ops.ldexp(f(3), i(3))
ops.linspace(0.0, 1.0, 5)
ops.logdet(positive(3))
ops.logspace(0.0, 1.0, 3)
ops.correlate(f(5), p(3))
ops.lstsq(f(4, 2), f(4))
ops.lu_factor(positive(3))
ops.map(lambda x: x * 2, f(3))
ops.matmul(f(2, 3), p(3, 2))
ops.max_pool(f(1, 4, 4, 2), 2, 2)
ops.meshgrid(f(2), f(3))
ops.moments(f(2, 3), 0)
ops.moveaxis(f(2, 3, 4), 0, -1)
ops.multi_hot(i(2, 3), 5)
ops.nanpercentile(f(5), 30.0)
ops.nanquantile(f(5), 0.3)
ops.one_hot(i(3), 5)
ops.ones((2,))
ops.pad(f(2, 3), ((1, 0), (0, 1)))
ops.pad(f(3), ((2, 2),), mode="reflect")
ops.percentile(f(5), 30.0)
ops.power(p(3), f(3))
ops.psnr(p(2, 3), p(2, 3), 1.0)
ops.quantile(f(5), 0.3)
ops.quantile(f(2, 5), np.array([0.2, 0.7], "float32"), axis=1)
ops.rearrange(f(2, 3, 4), "a b c -> (a b) c")
ops.repeat(f(3), 2)
ops.reshape(f(2, 3), (3, -1))
ops.rfft(f(2, 8))
ops.rms_normalization(f(2, 3))
ops.roll(f(4), 1)
ops.rot90(f(2, 3))
ops.saturate_cast(f(3) * 300, "uint8")
ops.scan(lambda carry, x: (carry + x, carry), 0.0, xs=f(4))
ops.scatter(i(3, 1), f(3), (5,))
ops.scatter_update(f(5), np.array([[1], [3]]), p(2))
ops.searchsorted(np.array([-0.5, 0.0, 0.5], "float32"), f(4))
ops.segment_max(f(4), np.array([0, 0, 1, 1]), 2)
ops.segment_min(f(4), np.array([0, 0, 1, 1]), 2)
ops.segment_prod(f(4), np.array([0, 0, 1, 1]), 2)
ops.segment_sum(f(4), np.array([0, 0, 1, 1]), 2)
ops.select([b(3), b(3)], [f(3), p(3)], 7.0)
ops.separable_conv(f(1, 5, 5, 2), f(2, 2, 2, 1), f(1, 1, 2, 3))
ops.slice(f(4, 4), (1, 1), (2, 2))
ops.slice_update(f(4, 4), (1, 1), p(2, 2))
ops.slogdet(positive(3))
ops.solve(positive(3), f(3, 2))
ops.solve_triangular(ops.cholesky(positive(3)), f(3, 2), lower=True)
ops.space_to_depth(f(1, 4, 4, 1), 2)
ops.sparse_categorical_crossentropy(i(4), p(4, 5))
ops.split(f(6), 3)
ops.stack([f(2), p(2)])
ops.stft(f(1, 64), 16, 8, 16)
ops.svd(f(3, 3))[1]
ops.swapaxes(f(2, 3), 0, 1)
ops.switch(1, [ops.sin, ops.cos], f(3))
ops.take(f(5), i(3))
ops.take_along_axis(f(2, 5), i(2, 2), axis=1)
ops.tensordot(f(2, 3), p(3, 2), 1)
ops.threshold(f(3), 0.1, 7.0)
ops.tile(f(3), (2, 2))
ops.top_k(f(5), 2)
ops.trapezoid(f(5))
ops.tri(3)
ops.unfold(f(1, 4, 4, 1), 2)
ops.unravel_index(i(3), (2, 3))
ops.unstack(f(2, 3))
ops.vander(f(3))
ops.vectorized_map(lambda x: x * 2, f(3, 2))
ops.view(f(3), "int32")
ops.view_as_complex(f(3, 2))
ops.view_as_real(ops.view_as_complex(f(3, 2)))
ops.vsplit(f(4, 2), 2)
ops.vstack([f(2), p(2)])
ops.where(b(3), f(3), p(3))
ops.while_loop(lambda x: x < 5, lambda x: (x + 2,), (1,))
ops.zeros((2,))
ops.custom_gradient(lambda x: (x * 2, lambda *args, upstream=None: upstream))(f(3))
ops.convert_to_tensor(np.array([1.0]))
ops.image.affine_transform(p(1, 5, 5, 3), np.array([[1, 0.1, 0, 0, 1, 0, 0, 0]], "float32"))
ops.image.crop_images(p(1, 5, 5, 3), 1, 1, target_height=2, target_width=2)
ops.image.elastic_transform(p(1, 5, 5, 3), seed=1)
ops.image.extract_patches(p(1, 4, 4, 1), 2)
ops.image.gaussian_blur(p(1, 5, 5, 3))
ops.image.hsv_to_rgb(p(1, 5, 5, 3))
ops.image.pad_images(p(1, 3, 3, 3), 1, 1, target_height=5, target_width=5)
ops.image.perspective_transform(p(1, 4, 4, 3), corners(), corners() + 0.5)
ops.image.resize(p(1, 4, 4, 3), (2, 3))
ops.image.rgb_to_grayscale(p(1, 5, 5, 3))
ops.image.rgb_to_hsv(p(1, 5, 5, 3))
ops.image.scale_and_translate(p(1, 4, 4, 3), (1, 4, 4, 3), p(2), p(2), (1, 2), "linear")
ops.nn.relu(f(3))
ops.linalg.norm(f(2, 3))
"""


def expressions() -> list[str]:
    """All of them."""
    lines = [line for text in (LAYERS, LOSSES, OTHERS, OPS) for line in text.split("\n") if line]
    for arguments, names in OF_TARGETS.items():
        lines += [f"{name}({arguments})" for name in names.split()]
    lines += [f"ops.{name}(f(3, 3))" for name in UNARY.split()]
    lines += [f"ops.{name}(p(2, 3))" for name in OF_POSITIVE.split()]
    lines += [f"ops.{name}(f(2, 3), p(2, 3))" for name in BINARY.split()]
    lines += [f"ops.{name}(i(2, 3), i(2, 3))" for name in OF_INTEGERS.split()]
    return lines


class Names:
    """What the expressions may use."""

    def __init__(self) -> None:
        self._made = 0

    def _random(self) -> Any:
        self._made += 1
        return np.random.RandomState(self._made)

    def f(self, *shape: int) -> Any:
        return self._random().uniform(-1, 1, shape).astype("float32")

    def p(self, *shape: int) -> Any:
        return self._random().uniform(0.1, 1, shape).astype("float32")

    def i(self, *shape: int) -> Any:
        return self._random().randint(0, 5, shape).astype("int32")

    def b(self, *shape: int) -> Any:
        return self._random().uniform(size=shape) < 0.5

    def cell(self, kind: Any) -> Any:
        """A recurrent cell with the same weights each time."""
        return kind(2, kernel_initializer="ones", recurrent_initializer="ones")

    def positive(self, size: int) -> Any:
        """A symmetric, positive definite matrix."""
        half = self.f(size, size)
        return half @ half.T + np.eye(size, dtype="float32")

    def corners(self) -> Any:
        return np.array([[[0, 0], [0, 3], [3, 0], [3, 3]]], "float32")

    def adapted(self, layer: Any, data: Any) -> Any:
        """A layer that has seen data."""
        layer.adapt(data)
        return layer

    def metric(self, made: Any, targets: Any, predictions: Any) -> Any:
        """What a metric says after two updates."""
        made.update_state(targets, predictions)
        made.update_state(targets[:2], predictions[:2])
        return made.result()

    def optimized(self, made: Any) -> Any:
        """Weights after three steps."""
        import keras

        weights = keras.Variable(self.f(3))
        for _ in range(3):
            made.apply([2 * weights.value], [weights])
        return weights.value

    def fitted(self, layer: Any) -> Any:
        """The losses of a small model that is trained, and what it predicts."""
        import keras

        last = keras.layers.Dense(1, kernel_initializer="ones")
        model = keras.Sequential([keras.Input((4,)), layer, last])
        model.compile("sgd", "mse", jit_compile=False)
        x = self.f(8, 4)
        history = model.fit(x, x.sum(1), batch_size=4, epochs=2, shuffle=False, verbose=0)
        return [np.array(history.history["loss"]), model.predict(x, verbose=0)]

    def quantized(self, mode: str) -> Any:
        """What a quantized model predicts."""
        import keras

        layer = keras.layers.Dense(4, kernel_initializer="ones")
        model = keras.Sequential([keras.Input((4,)), layer])
        model.quantize(mode)
        return model(self.f(2, 4))


def value_of(expression: str) -> list[Any]:
    """The tensors that an expression gives."""
    import keras
    import tensorflow as tf

    names = Names()
    own = {name: getattr(names, name) for name in dir(names) if not name.startswith("_")}
    modules = {name: getattr(keras, name) for name in dir(keras) if not name.startswith("_")}
    found = eval(expression, modules | {"np": np, "ones": "ones"} | own)
    return [one for one in tf.nest.flatten(found) if one is not None]
