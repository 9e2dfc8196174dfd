"""Alerts and dashboard ask for metrics that there are."""

import re
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
WATCHING = ("deploy/compose/alerts.yml", "deploy/compose/grafana/dashboards/forloeb.json")


@pytest.mark.parametrize("file", WATCHING)
def test_each_metric_that_is_watched_is_written_somewhere(file: str) -> None:
    """A renamed one would leave an alert that never comes."""
    asked = set(re.findall(r"\bforloeb_[a-z_]+", (PROJECT / file).read_text(encoding="utf-8")))
    sources = [path for folder in ("services", "shared") for path in (PROJECT / folder).rglob("*.py")]
    written = {
        name for path in sources for name in re.findall(r'"(forloeb_[a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert asked
    assert asked <= written


def test_each_alert_says_what_is_wrong_and_where_to_look() -> None:
    """Documents that it names are there, with the heading."""
    rules = yaml.safe_load((PROJECT / "deploy/compose/alerts.yml").read_text(encoding="utf-8"))
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
        found = re.fullmatch(r'(docs/[a-z-]+\.md), "(.+)"', rule["annotations"]["look"])
        if found:
            assert f"## {found[2]}\n" in (PROJECT / found[1]).read_text(encoding="utf-8")
