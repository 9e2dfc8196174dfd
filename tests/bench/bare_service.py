"""What intake is measured against: a service that takes the same body and inserts it, with the same driver and web server.

`python -m tests.bench.bare_service PORT`, one process; the write is acknowledged like intake's, nothing else is promised.
"""

import os
import sys
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import uvicorn
import uvloop
from fastapi import Body, FastAPI

from shared import mongo

KEEP_ALIVE_SECONDS = 30


async def serve(port: int) -> None:
    applications = mongo.connect(os.environ["FORLOEB_MONGODB"], app_name="bare")["bare"]["applications"]
    app = FastAPI(openapi_url=None)

    @app.post("/api/v1/applications", status_code=202)
    async def apply(body: Annotated[dict[str, Any], Body()]) -> dict[str, str]:
        application_id = str(uuid4())
        await applications.insert_one({"_id": application_id, "submitted_at": datetime.now(UTC), **body})
        return {"application_id": application_id}

    # The options of shared.running.run_service.
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        limit_concurrency=500,
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
