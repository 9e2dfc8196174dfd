"""The public form: sendings a second against the bare endpoint, time to the first byte of its pages, and their weight.

The ratio compares the last step of the form (one draft read, checked, submitted, its entries removed) with the same applications at
the JSON endpoint of the same process, in turns. Pages are asked for one at a time; `/livez` tells what the least answer costs.
"""

import asyncio
import re
import statistics
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import httpx2
import orjson

from services.intake.form.send import FILLED_IN_SECONDS_MIN
from services.intake.form.steps import ORDER, START, Step
from tests.bench.applications import application
from tests.bench.raw_http import request, send_all
from tests.bench.system import percentile, running_system
from tests.form_samples import fields_of_step
from tests.form_visitor import FORM, Visitor, sending

GOAL = 0.4
"""Sending reads the draft, opens it, writes a marker: two more round trips than the endpoint has."""
ROUNDS = 3
A_ROUND = 60
CONNECTIONS = 8
PAGES = 300
WEIGHT_BYTES_GOAL = 60_000
LIMITS = {
    "FORLOEB_INTAKE_DRAFT_LIMIT": "100000000/minute",
    "FORLOEB_INTAKE_CHANGE_LIMIT": "100000000/minute",
    "FORLOEB_INTAKE_CHANGE_TOTAL_LIMIT": "100000000/minute",
}


def measure() -> dict[str, Any]:
    with running_system(services=["intake"], settings=LIMITS) as system:
        return asyncio.run(_measure(system.address("intake"), system.kafka))


async def _measure(url: str, kafka: str) -> dict[str, Any]:
    form: list[float] = []
    endpoint: list[float] = []
    for number in range(ROUNDS):
        names = [f"r{number}n{each}" for each in range(A_ROUND)]
        sendings = [await _ready_to_send(url, f"{name}form") for name in names]
        # The younger ones must be old enough, too: what is sent at once is taken for a program's.
        await asyncio.sleep(FILLED_IN_SECONDS_MIN + 1)
        posts = [
            request(
                "POST",
                f"{url}/api/v1/applications",
                headers={"Content-Type": "application/json"},
                body=application(f"{name}json"),
            )
            for name in names
        ]
        turns = [(sendings, 303, form), (posts, 202, endpoint)]
        for requests, status, rates in turns if number % 2 == 0 else turns[::-1]:
            seconds, _ = await send_all(url, requests, connections=CONNECTIONS, status=status)
            rates.append(A_ROUND / seconds)
    ratios = [ours / bare for ours, bare in zip(form, endpoint, strict=True)]
    return {
        "ratio": round(statistics.median(ratios), 3),
        "goal": GOAL,
        "better": "higher",
        "figures": {
            "kafka": kafka,
            "form_per_second": [round(rate) for rate in form],
            "endpoint_per_second": [round(rate) for rate in endpoint],
            **await _pages(url),
        },
    }


async def _ready_to_send(url: str, name: str) -> bytes:
    """The last request of an application that was filled in step by step."""
    filled = orjson.loads(application(name))
    async with httpx2.AsyncClient(base_url=url) as http:
        visitor = Visitor(http)
        review = await visitor.fill_in(filled)
        fields = sending(review, filled)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in http.cookies.jar)
    return request(
        "POST",
        url + visitor.at(Step.REVIEW),
        headers={"Content-Type": FORM, "Cookie": cookies},
        body=urlencode(fields).encode(),
    )


async def _pages(url: str) -> dict[str, Any]:
    async with httpx2.AsyncClient(base_url=url, headers={"Accept-Encoding": "gzip"}) as http:
        visitor = Visitor(http)
        filled = orjson.loads(application("pages"))
        await visitor.begin()
        for step in ORDER[:-1]:
            await visitor.save(step, fields_of_step(filled, step))
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in http.cookies.jar)
        addresses = {
            "start": START["da"],
            "workplaces": visitor.at(Step.WORKPLACES),
            "contacts": visitor.at(Step.CONTACTS),
            "review": visitor.at(Step.REVIEW),
            "least_answer": "/livez",
        }
        html = (await http.get(START["da"])).text
    headers = {"Cookie": cookies, "Accept-Encoding": "gzip"}
    sheets = [address for address in re.findall(r'<link [^>]*href="([^"]*)"', html) if address.endswith(".css")]
    styles = await _lengths(url, sheets, headers)
    first_byte: dict[str, Any] = {}
    weight: dict[str, int] = {}
    for name, address in addresses.items():
        begun = time.perf_counter()
        _, replies = await send_all(
            url, [request("GET", url + address, headers=headers)] * PAGES, connections=1, status=200
        )
        seconds = sorted(reply.first_byte_seconds for reply in replies)
        first_byte[name] = {
            "p50_ms": round(percentile(seconds, 0.5) * 1000, 2),
            "p99_ms": round(percentile(seconds, 0.99) * 1000, 2),
            "per_second": round(PAGES / (time.perf_counter() - begun)),
        }
        if name != "least_answer":
            weight[name] = replies[0].length + styles
    return {
        "first_byte": first_byte,
        "html_and_css_bytes_compressed": weight,
        "weight_goal_reached": max(weight.values()) < WEIGHT_BYTES_GOAL,
    }


async def _lengths(url: str, addresses: Iterable[str], headers: dict[str, str]) -> int:
    async with httpx2.AsyncClient(headers=headers) as http:
        answers = [await http.get(url + address) for address in addresses]
    return sum(answer.num_bytes_downloaded for answer in answers)
