"""Pictures of pages with a palette instead of true colours, and a note of what they were drawn from (PNG, W3C 2003)."""

import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator

from playwright.async_api import Page

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PALETTE = 3
SOURCE = b"Source"
# The browser knows how to read its own pictures. Where there are more than 256 colours, the nearest ones become one.
_IN_COLOURS = """async (png) => {
  const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (one) => one.charCodeAt(0))]));
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const { data } = canvas.getImageData(0, 0, picture.width, picture.height);
  for (let step = 1; step <= 64; step *= 2) {
    const near = (value) => Math.min(255, Math.round(value / step) * step);
    const numbers = new Map();
    let pixels = "";
    for (let at = 0; at < data.length && numbers.size <= 256; at += 4) {
      const colour = (near(data[at]) << 16) | (near(data[at + 1]) << 8) | near(data[at + 2]);
      if (!numbers.has(colour)) numbers.set(colour, numbers.size);
      pixels += String.fromCharCode(numbers.get(colour));
    }
    if (numbers.size <= 256)
      return { width: picture.width, height: picture.height, colours: [...numbers.keys()], pixels: btoa(pixels) };
  }
}"""


async def small_picture(page: Page, *, source: str) -> bytes:
    """The whole page as it looks now. `source` can be read from it again."""
    drawn = b64encode(await page.screenshot(full_page=True, animations="disabled")).decode()
    found = await page.evaluate(_IN_COLOURS, drawn)
    return png(found["width"], found["colours"], b64decode(found["pixels"]), source=source)


def png(width: int, colours: list[int], pixels: bytes, *, source: str) -> bytes:
    """A picture of these pixels, each the number of one of the colours (0xRRGGBB)."""
    rows = [pixels[at : at + width] for at in range(0, len(pixels), width)]
    return SIGNATURE + b"".join(
        [
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), 8, PALETTE, 0, 0, 0)),
            _chunk(b"tEXt", SOURCE + b"\0" + source.encode("latin-1")),
            _chunk(b"PLTE", b"".join(colour.to_bytes(3) for colour in colours)),
            _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents, in their order."""
    at = len(SIGNATURE)
    while at < len(picture):
        size, name = struct.unpack(">I4s", picture[at : at + 8])
        yield name, picture[at + 8 : at + 8 + size]
        at += size + 12


def source_of(picture: bytes) -> str | None:
    """What it was drawn from, as far as that was noted."""
    for name, content in chunks(picture):
        key, _, value = content.partition(b"\0")
        if name == b"tEXt" and key == SOURCE:
            return value.decode("latin-1")
    return None


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
