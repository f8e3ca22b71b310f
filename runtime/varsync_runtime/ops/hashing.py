"""FarmHash's Fingerprint64 of bytes: the buckets of `tf.strings.to_hash_bucket_fast`."""

from __future__ import annotations

MASK = (1 << 64) - 1
K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
SEED = 81
CHUNK = 64
"""Long strings are taken in chunks of so many bytes."""


def _word(data: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _turned(value: int, by: int) -> int:
    value &= MASK
    return (value >> by | value << (64 - by)) & MASK


def _mixed(value: int) -> int:
    value &= MASK
    return value ^ value >> 47


def _pair(one: int, other: int, times: int) -> int:
    first = _mixed((one ^ other) * times)
    return _mixed((other ^ first) * times) * times & MASK


def _short(data: bytes) -> int:
    size = len(data)
    times = K2 + size * 2
    if size >= 8:
        a, b = _word(data, 0) + K2 & MASK, _word(data, size - 8)
        return _pair(_turned(b, 37) * times + a & MASK, (_turned(a, 25) + b) * times & MASK, times)
    if size >= 4:
        return _pair(size + (_word(data, 0, 4) << 3), _word(data, size - 4, 4), times)
    if size:
        y, z = data[0] + (data[size >> 1] << 8), size + (data[-1] << 2)
        return _mixed(y * K2 & MASK ^ z * K0 & MASK) * K2 & MASK
    return K2


def _ends(data: bytes, times: int) -> tuple[int, int, int, int]:
    """The first two words and the last two, as strings of up to 64 bytes take them."""
    size = len(data)
    first = K1 if size <= 32 else K2
    return (
        _word(data, 0) * first & MASK,
        _word(data, 8),
        _word(data, size - 8) * times & MASK,
        _word(data, size - 16) * K2 & MASK,
    )


def _middle(data: bytes) -> int:
    size = len(data)
    times = K2 + size * 2
    a, b, c, d = _ends(data, times)
    y = _turned(a + b, 43) + _turned(c, 30) + d & MASK
    z = a + _turned(b + K2, 18) + c & MASK
    if size <= 32:
        return _pair(y, z, times)
    z = _pair(y, z, times)
    e, f = _word(data, 16) * times & MASK, _word(data, 24)
    g = (y + _word(data, size - 32)) * times & MASK
    h = (z + _word(data, size - 24)) * times & MASK
    return _pair(
        _turned(e + f, 43) + _turned(g, 30) + h & MASK, e + _turned(f + a, 18) + g & MASK, times
    )


def _weak(data: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_word(data, at + 8 * number) for number in range(4))
    a += w
    b = _turned(b + a + z, 21)
    c = a
    a += x + y
    return a + z & MASK, b + _turned(a, 44) + c & MASK


def fingerprint64(data: bytes) -> int:
    """The hash of bytes, a number of 64 bits."""
    size = len(data)
    if size <= 16:
        return _short(data)
    if size <= CHUNK:
        return _middle(data)
    x, y = SEED, SEED * K1 + 113 & MASK
    z = _mixed(y * K2 + 113) * K2 & MASK
    v, w = (0, 0), (0, 0)
    x = x * K2 + _word(data, 0) & MASK
    for at in range(0, (size - 1) // CHUNK * CHUNK, CHUNK):
        x = _turned(x + y + v[0] + _word(data, at + 8), 37) * K1 & MASK
        y = _turned(y + v[1] + _word(data, at + 48), 42) * K1 & MASK
        x ^= w[1]
        y = y + v[0] + _word(data, at + 40) & MASK
        z = _turned(z + w[0], 33) * K1 & MASK
        v = _weak(data, at, v[1] * K1, x + w[0])
        w = _weak(data, at + 32, z + w[1], y + _word(data, at + 16))
        z, x = x, z
    times = K1 + ((z & 0xFF) << 1)
    at = size - CHUNK
    w = (w[0] + (size - 1 & 63), w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x = _turned(x + y + v[0] + _word(data, at + 8), 37) * times & MASK
    y = _turned(y + v[1] + _word(data, at + 48), 42) * times & MASK
    x ^= w[1] * 9 & MASK
    y = y + v[0] * 9 + _word(data, at + 40) & MASK
    z = _turned(z + w[0], 33) * times & MASK
    v = _weak(data, at, v[1] * times, x + w[0])
    w = _weak(data, at + 32, z + w[1], y + _word(data, at + 16))
    z, x = x, z
    return _pair(
        _pair(v[0], w[0], times) + _mixed(y) * K0 + z & MASK,
        _pair(v[1], w[1], times) + x & MASK,
        times,
    )
