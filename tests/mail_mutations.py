"""What can befall a mail on its way, or be done to it on purpose: for tests that read thousands of damaged mails."""

import random
import re
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]


def truncate(raw: bytes, rng: random.Random) -> bytes:
    return raw[: rng.randrange(len(raw))]


def headers_twice(raw: bytes, rng: random.Random) -> bytes:
    headers, gap, body = raw.partition(b"\r\n\r\n")
    lines = headers.split(b"\r\n")
    again = rng.choices(lines, k=rng.randint(1, 5))
    return b"\r\n".join([*again, *lines] if rng.random() < 0.5 else [*lines, *again]) + gap + body


def header_bomb(raw: bytes, rng: random.Random) -> bytes:
    name = rng.choice(
        (b"From", b"Content-Type", b"Authentication-Results", b"Date", b"Message-ID", b"X-Autoreply2", b"Precedence")
    )
    filling = rng.choice((b'"', b"(", b";a=", b"<", b"=?utf-8?q?", b"\\", b" ", b"@", b",", b"a.b"))
    return name + b": " + filling * rng.choice((10, 300, 1_000)) + b"\r\n" + raw


def nest(raw: bytes, rng: random.Random) -> bytes:
    depth = rng.choice((1, 3, 7, 8, 9, 40))
    headers, gap, body = raw.partition(b"\r\n\r\n")
    kept = [line for line in re.split(rb"\r\n(?![ \t])", headers) if not line.lower().startswith(b"content-")]
    content = [line for line in re.split(rb"\r\n(?![ \t])", headers) if line.lower().startswith(b"content-")]
    inner = b"\r\n".join(content) + gap + body
    for level in range(depth):
        kind = rng.choice((b"mixed", b"alternative", b"related"))
        inner = b'Content-Type: multipart/%s; boundary="n%d"\r\n\r\n--n%d\r\n%s\r\n--n%d--\r\n' % (
            kind,
            level,
            level,
            inner,
            level,
        )
    return b"\r\n".join(kept) + b"\r\n" + inner


def boundary_bomb(raw: bytes, rng: random.Random) -> bytes:
    found = re.search(rb'boundary="([^"]+)"', raw)
    line = b"--" + (found[1] if found else b"x") + b"\r\n"
    at = raw.find(line)
    return raw if at < 0 else raw[:at] + line * rng.choice((1, 5, 60, 400)) + raw[at:]


def charset_lie(raw: bytes, rng: random.Random) -> bytes:
    charset = rng.choice(
        (b"utf-16", b"utf-7", b"iso-2022-jp", b"x-nothing", b"ISO-8859-1", b"ebcdic-cp-us", b"zlib", b"idna")
    )
    return re.sub(rb'charset="?[A-Za-z0-9-]+"?', b"charset=" + charset, raw)


def encoding_lie(raw: bytes, rng: random.Random) -> bytes:
    encoding = rng.choice((b"x-uuencode", b"7bit", b"binary", b"BASE64 ", b"gzip"))
    return re.sub(rb"(?<=Content-Transfer-Encoding: )[0-9A-Za-z-]+", encoding, raw)


def lines_twice(raw: bytes, rng: random.Random) -> bytes:
    lines = raw.split(b"\n")
    at = rng.randrange(len(lines))
    return b"\n".join([*lines[: at + 1], *[lines[at]] * rng.choice((1, 2, 30)), *lines[at + 1 :]])


def quoted_whole(raw: bytes, rng: random.Random) -> bytes:
    kind = rng.choice((b"message/rfc822", b"message/delivery-status", b"message/partial"))
    return b"From: somebody@elsewhere.example\r\nContent-Type: " + kind + b"\r\n\r\n" + raw


WHOLE_MAIL: tuple[Mutation, ...] = (
    *(truncate, headers_twice, header_bomb, nest),
    *(boundary_bomb, charset_lie, encoding_lie, lines_twice, quoted_whole),
)
"""Those that do not change single bytes."""
