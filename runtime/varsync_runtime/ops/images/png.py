"""The bytes of PNG files, and the pixels in them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.Struct(">IIBBBBB")
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
          (1, 0, 2, 1))  # fmt: skip
"""Of an interlaced file: first row, first column, and the steps of both."""
RED, GREEN, ONE = 9798, 19235, 1 << 15
"""How bright red and green are, of `ONE`, as libpng counts."""


class Damaged(Exception):
    """Bytes that are no PNG file."""


class Image(NamedTuple):
    """The pixels, of 8 or 16 bits: gray or RGB, and how much they cover if the file says so."""

    colors: np.ndarray
    alpha: np.ndarray | None
    keyed: bool = False
    """Whether `alpha` only leaves out one color: then it counts where four channels are asked for."""


# ------------------------------------------------------------------- reading


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        if len(data) < at + 12 + size:
            break
        yield kind, body
        if kind == b"IEND":
            return
        at += 12 + size
    raise Damaged


def read(data: bytes) -> Image:
    """The pixels of a file; `Damaged` if it is none."""
    found: dict[bytes, bytes] = {}
    packed = b""
    for kind, body in _chunks(data):
        if kind == b"IDAT":
            packed += body
        else:
            found[kind] = body
    try:
        width, height, depth, color, _, _, interlaced = HEADER.unpack(found[b"IHDR"])
        rows = zlib.decompress(packed)
        pixels = _pixels(rows, width, height, depth, CHANNELS[color], bool(interlaced))
    except (KeyError, ValueError, IndexError, struct.error, zlib.error):
        raise Damaged from None
    return _colored(pixels, depth, color, found.get(b"PLTE", b""), found.get(b"tRNS"))


def _pixels(
    rows: bytes, width: int, height: int, depth: int, channels: int, interlaced: bool
) -> np.ndarray:
    kind = np.uint16 if depth == 16 else np.uint8
    if not interlaced:
        return _unfiltered(rows, width, height, depth, channels)[0].astype(kind)
    pixels: np.ndarray = np.zeros((height, width, channels), kind)
    for top, left, down, across in PASSES:
        high, wide = -(-(height - top) // down), -(-(width - left) // across)
        if high > 0 and wide > 0:
            part, used = _unfiltered(rows, wide, high, depth, channels)
            pixels[top::down, left::across] = part
            rows = rows[used:]
    return pixels


def _unfiltered(
    rows: bytes, width: int, height: int, depth: int, channels: int
) -> tuple[np.ndarray, int]:
    """The numbers of the rows, and how many bytes they took."""
    size = -(-width * depth * channels // 8)
    step = max(depth * channels // 8, 1)
    lines = np.frombuffer(rows, np.uint8)[: height * (size + 1)].reshape(height, size + 1)
    above: np.ndarray = np.zeros(size, np.uint8)
    found: np.ndarray = np.empty((height, size), np.uint8)
    for number, line in enumerate(lines):
        above = found[number] = _line(int(line[0]), line[1:], above, step)
    if depth == 16:
        numbers: np.ndarray = found.reshape(height, -1, 2).astype(np.uint16)
        values = numbers[..., 0] << 8 | numbers[..., 1]
    elif depth == 8:
        values = found
    else:
        bits = np.unpackbits(found, axis=1).reshape(height, -1, depth)
        weights = 1 << np.arange(depth - 1, -1, -1)
        values = (bits * weights).sum(2).astype(np.uint8)[:, : width * channels]
    return values.reshape(height, width, channels), height * (size + 1)


def _line(kind: int, line: np.ndarray, above: np.ndarray, step: int) -> np.ndarray:
    """A row, from what it adds to its neighbours."""
    if kind == 0:
        return line
    if kind == 2:
        return line + above
    if kind == 1:
        padded = np.pad(line, (0, -len(line) % step)).reshape(-1, step)
        return np.cumsum(padded, 0, dtype=np.uint8).reshape(-1)[: len(line)]
    if kind not in (3, 4):
        raise ValueError
    out, up = bytearray(line.tobytes()), above.tobytes()
    for at, value in enumerate(out):
        left = out[at - step] if at >= step else 0
        if kind == 3:
            guess = (left + up[at]) >> 1
        else:
            guess = _nearest(left, up[at], up[at - step] if at >= step else 0)
        out[at] = (value + guess) & 0xFF
    return np.frombuffer(bytes(out), np.uint8)


def _nearest(left: int, up: int, corner: int) -> int:
    """Paeth's guess: whichever is nearest to left + up - corner."""
    to_left, to_up = abs(up - corner), abs(left - corner)
    to_corner = abs(left + up - 2 * corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner


def _colored(
    pixels: np.ndarray, depth: int, color: int, palette: bytes, see_through: bytes | None
) -> Image:
    if color == PALETTE:
        colors = np.frombuffer(palette, np.uint8).reshape(-1, 3)
        if see_through is None:
            return Image(colors[pixels[..., 0]], None)
        alphas: np.ndarray = np.full(len(colors), 255, np.uint8)
        alphas[: len(see_through)] = np.frombuffer(see_through, np.uint8)
        return Image(colors[pixels[..., 0]], alphas[pixels])
    if color in (GRAY_ALPHA, RGBA):
        return Image(pixels[..., :-1], pixels[..., -1:])
    alpha = None
    if see_through is not None:
        color_key = np.frombuffer(see_through, ">u2")
        shown = (pixels != color_key).any(-1, keepdims=True)
        alpha = (shown * np.iinfo(pixels.dtype).max).astype(pixels.dtype)
    if depth < 8:
        pixels = pixels * np.uint8(255 // (2**depth - 1))
    return Image(pixels, alpha, keyed=True)


def converted(image: Image, channels: int, kind: np.dtype) -> np.ndarray:
    """The pixels with so many channels (0: as in the file), of 8 or 16 bits, as libpng makes them."""
    colors, alpha, keyed = image
    if channels == 0:
        channels = colors.shape[-1] + (alpha is not None and not keyed)
    if channels in (1, 2):
        colors = _grayed(colors)
    elif colors.shape[-1] == 1:
        colors = np.repeat(colors, 3, -1)
    if channels in (2, 4):
        if alpha is None:
            full = np.iinfo(colors.dtype).max
            alpha = np.full((*colors.shape[:2], 1), full, colors.dtype)
        colors = np.concatenate([colors, alpha], -1)
    if colors.dtype == kind:
        return colors
    if kind == np.uint8:
        return (colors >> 8).astype(np.uint8)
    return colors.astype(np.uint16) * np.uint16(257)


def _grayed(colors: np.ndarray) -> np.ndarray:
    if colors.shape[-1] == 1:
        return colors
    red, green, blue = np.moveaxis(colors.astype(np.int64), -1, 0)
    half = ONE // 2 if colors.dtype == np.uint16 else 0
    gray = (red * RED + green * GREEN + blue * (ONE - RED - GREEN) + half) >> 15
    same = (red == green) & (green == blue)
    return np.where(same, red, gray).astype(colors.dtype)[..., None]


# ------------------------------------------------------------------- writing


def written(pixels: np.ndarray, level: int) -> bytes:
    """A file of `[height, width, channels]` numbers of 8 or 16 bits."""
    height, width, channels = pixels.shape
    color = {1: GRAY, 2: GRAY_ALPHA, 3: RGB, 4: RGBA}[channels]
    depth = pixels.dtype.itemsize * 8
    lines = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1)
    rows = b"".join(b"\0" + line.tobytes() for line in lines)
    header = HEADER.pack(width, height, depth, color, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, level)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(*one) for one in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
