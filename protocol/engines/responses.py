"""Any Responses server over HTTP with server-sent events as an engine: OpenAI, LM Studio, Ollama, vLLM ..."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any

from spark_tui.protocol.engines.responses_stream import ResponsesTranslator
from spark_tui.protocol.engines.upstream import Upstream, UpstreamFailed
from spark_tui.protocol.gateway import json_text
from spark_tui.protocol.gateway.engine import EngineEvent, EngineRequest
from spark_tui.protocol.wire.updates import Item

LOCAL_FIELDS = frozenset(
    {"type", "stream_id", "previous_response_id", "generate", "background", "client_metadata", "conversation"}
)
"""Fields that concern the connection to the gateway, not the upstream."""


class ResponsesEngine:
    """Asks ``base_url`` + ``/responses`` with the whole chain; nothing is stored there."""

    name = "responses"

    def __init__(
        self,
        base_url: str,
        *,
        key: str | None = None,
        model_map: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._upstream = Upstream(base_url, "/responses", key, model_map or {}, tls)

    async def respond(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        """See :class:`~spark_tui.protocol.gateway.engine.Engine`."""
        translator = ResponsesTranslator()
        try:
            async with self._upstream.ask(responses_body(request, self._upstream.model(request.model))) as events:
                async for data in events:
                    for event in translator.feed(_event_of(data)):
                        yield event
                    if translator.ended:
                        return
            yield translator.cut()
        except UpstreamFailed as failure:
            yield failure.event

    async def aclose(self) -> None:
        """Close the connections to the server."""
        await self._upstream.aclose()


def responses_body(request: EngineRequest, model: str) -> dict[str, Any]:
    """The body of ``POST /responses``."""
    kept = {name: value for name, value in request.fields.items() if name not in LOCAL_FIELDS and value is not None}
    items = [sent for item in request.input if (sent := _portable(item))]
    return {**kept, "model": model, "input": items, "stream": True, "store": False}


def _portable(item: Item) -> Item | None:
    """The item as a server takes it that has never seen it.

    Ids are the gateway's or the client's own, and reasoning can be read by its maker only.
    """
    if item["type"] == "reasoning" and not item.get("encrypted_content"):
        return None
    return {name: value for name, value in item.items() if name not in ("id", "status")}


def _event_of(data: bytes) -> dict[str, Any]:
    """The event in ``data``; empty for what is none, ``[DONE]`` among it."""
    try:
        event = json_text.decode(data)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
