"""A stranger's picture on standard input, a small clean PNG on standard output.

Run by lib.pictures as a process of its own, with no environment: all that a hostile file can break, use up or
read is this process.

``python -I picture_worker.py WIDTH HEIGHT BYTES``. Exit status 3 and one word on standard error: NOT, BROKEN,
HUGE.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 16_000_000
MEMORY = 512 * 1024 * 1024
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def limit() -> None:
    """Before a byte is read: memory, seconds of work, no file ever written."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def clean(data: bytes, size: tuple[int, int], most: int) -> bytes:
    """The first frame, upright, as PNG no larger than ``size`` and ``most`` bytes. Only pixels are taken:
    no metadata, no profile, no bytes behind the end."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        opened.draft("RGB", (size[0] * 2, size[1] * 2))  # a JPEG is decoded smaller at once
        upright = ImageOps.exif_transpose(opened)
        found = upright.convert("RGBA")
    while True:
        found.thumbnail(size, Image.Resampling.LANCZOS)
        only_pixels = Image.new("RGBA", found.size)
        only_pixels.paste(found)
        out = io.BytesIO()
        only_pixels.save(out, "PNG", optimize=True)
        if out.tell() <= most:
            return out.getvalue()
        size = (max(1, found.width * 3 // 4), max(1, found.height * 3 // 4))


def main() -> int:
    limit()
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    width, height, most = (int(text) for text in sys.argv[1:4])
    try:
        png = clean(sys.stdin.buffer.read(), (width, height), most)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return _refuse("HUGE")
    except UnidentifiedImageError:
        return _refuse("NOT")
    except Exception:  # whatever a decoder stumbles over, the answer is the same
        return _refuse("BROKEN")
    sys.stdout.buffer.write(png)
    return 0


def _refuse(word: str) -> int:
    print(word, file=sys.stderr)  # noqa: T201 - the answer to the caller
    return 3


if __name__ == "__main__":
    sys.exit(main())
