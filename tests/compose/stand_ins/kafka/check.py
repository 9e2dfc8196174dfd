#!/usr/bin/env python3
"""Asks the broker on this machine which requests it takes (ApiVersions, version 0), as Kafka's own tool of this name does."""

import socket
import struct

PORT = 9092
ANSWER_SECONDS = 10
API_VERSIONS, VERSION, NUMBER = 18, 0, 1


def main() -> None:
    request = struct.pack(">hhih", API_VERSIONS, VERSION, NUMBER, -1)
    with socket.create_connection(("localhost", PORT), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        answer = connection.makefile("rb").read(10)
    _, number, fault = struct.unpack(">iih", answer)
    if number != NUMBER or fault:
        raise SystemExit("The broker refuses.")


if __name__ == "__main__":
    main()
