"""The API against its own description: requests made up from the description, right and wrong ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.embedded import Embedded
from tests.intake_house import settings_for
from tests.intake_process import intake_process

EXAMPLES_MAX = 40
APPLY = "/api/v1/applications"
STATUS = "/api/v1/status/{token}"

# An application that fits the description may still break a rule that no description can tell, such as an unknown theme.
NOT_CHECKED = [positive_data_acceptance]


@pytest.fixture(scope="module")
def described(stack: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    folder: Path = tmp_path_factory.mktemp("schemathesis")
    environment = settings_for(mongodb=stack.mongodb, kafka=stack.kafka)
    with intake_process(folder, environment, path="/livez") as intake:
        yield schemathesis.openapi.from_url(f"{intake.url}/api/openapi.json")


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize(
    ("path", "method"),
    [(APPLY, "POST"), (STATUS, "GET"), (f"{STATUS}/confirm", "POST"), (f"{STATUS}/withdraw", "POST")],
)
def test_the_api_does_what_it_says(
    described: schemathesis.BaseSchema, path: str, method: str, mode: schemathesis.GenerationMode
) -> None:
    """Statuses, types, headers and bodies are the described ones; nothing wrong is taken, and nothing ends in a 500."""
    operation = described[path][method]

    @given(operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES_MAX, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(excluded_checks=NOT_CHECKED, timeout=20)

    check()


def test_every_operation_is_tested(described: schemathesis.BaseSchema) -> None:
    """A new endpoint must join the list above."""
    found = {operation.ok().label for operation in described.get_all_operations()}
    assert found == {f"POST {APPLY}", f"GET {STATUS}", f"POST {STATUS}/confirm", f"POST {STATUS}/withdraw"}
