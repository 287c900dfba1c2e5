"""A logo comes from anybody: what is kept are pixels that we wrote ourselves."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from lib import pictures
from lib.errors import Refused


def picture(kind: str, size: tuple[int, int] = (300, 100), **options: Any) -> bytes:
    out = io.BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    Image.new(mode, size, "teal").save(out, kind, **options)
    return out.getvalue()


def opened(png: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(png), formats=("PNG",))
    found.load()
    return found


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        pictures.to_logo(data)
    assert refused.value.field == "logo"
    return refused.value.message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_known_kinds_become_a_png_within_bounds(kind: str) -> None:
    logo = opened(pictures.to_logo(picture(kind, (1200, 300))))
    assert logo.size == (480, 120)
    assert logo.format == "PNG"


def test_small_ones_keep_their_size() -> None:
    assert opened(pictures.to_logo(picture("PNG", (40, 20)))).size == (40, 20)


def test_nothing_but_pixels_is_kept() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "<script>alert(1)</script>")
    exif = Image.Exif()
    exif[0x010E] = "the secret place"
    sent = picture("PNG", pnginfo=info, exif=exif) + b"<html><script>alert(1)</script>PK\x03\x04"
    logo = pictures.to_logo(sent)
    assert b"script" not in logo
    assert b"secret" not in logo
    assert b"PK" not in logo
    assert logo.endswith(b"IEND\xaeB`\x82")
    assert not opened(logo).info


def test_a_photograph_that_lies_on_its_side_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(pictures.to_logo(picture("JPEG", (100, 50), exif=exif))).size == (50, 100)


def test_of_moving_pictures_the_first_frame() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    logo = opened(pictures.to_logo(out.getvalue()))
    assert getattr(logo, "n_frames", 1) == 1
    assert logo.getpixel((5, 5)) == (255, 0, 0, 255)


def test_noise_is_made_smaller_until_it_fits() -> None:
    noisy = Image.merge("RGBA", [Image.effect_noise((480, 160), 120) for _ in range(4)])
    out = io.BytesIO()
    noisy.save(out, "PNG")
    assert len(pictures.to_logo(out.getvalue())) <= pictures.LOGO_BYTES


def bomb(side: int) -> bytes:
    """A PNG of side × side pixels in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    head = struct.pack("!IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [5_000, 60_000, 2**31 - 1])
def test_pixel_bombs(side: int) -> None:
    assert "pixels" in refusal(bomb(side)) or "damaged" in refusal(bomb(side))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_truncated_files(kind: str) -> None:
    out = io.BytesIO()
    Image.effect_noise((200, 100), 90).convert("RGB").save(out, kind)
    whole = out.getvalue()
    assert "damaged" in refusal(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\xef\xbb\xbf  <?xml version='1.0'?><!-- --><svg/>",
        b"<!-- a drawing --><svg onload=alert(1)>",
        b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' ''><svg/>",
    ],
)
def test_svg_is_refused_with_what_to_do(data: bytes) -> None:
    message = refusal(data)
    assert "SVG" in message
    assert "PNG" in message


def test_too_large_a_file() -> None:
    assert "1 MB" in refusal(b"\x89PNG" + bytes(pictures.MOST_BYTES))


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "PPM", "ICO"])
def test_other_kinds_are_not_even_tried(kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, kind)
    assert "PNG, JPEG, WebP or GIF" in refusal(out.getvalue())


@pytest.mark.parametrize("data", [b"", b"x", b"GIF89a", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_fragments(data: bytes) -> None:
    assert refusal(data)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400), st.sampled_from(["PNG", "GIF", "WEBP", "JPEG"]), st.integers(0, 200))
def test_damaged_anyhow_it_is_a_clean_png_or_a_refusal(junk: bytes, kind: str, at: int) -> None:
    whole = picture(kind)
    try:
        logo = pictures.to_logo(whole[:at] + junk + whole[at + len(junk) :])
    except Refused:
        return
    assert opened(logo).width <= pictures.LOGO_SIZE[0]
