"""Any chat-completions server as an engine: Cerebras, Groq, Ollama, llama.cpp, LM Studio, vLLM ..."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from spark_tui.protocol.engines.chat_request import chat_body, offers_apply_patch
from spark_tui.protocol.engines.chat_stream import ChatTranslator
from spark_tui.protocol.engines.upstream import Upstream, UpstreamFailed
from spark_tui.protocol.gateway.engine import Accepted, EngineEvent, EngineRequest, Failed


class ChatEngine:
    """Asks ``base_url`` + ``/chat/completions``; deltas are passed on as they come."""

    name = "chat"

    def __init__(
        self,
        base_url: str,
        *,
        key: str | None = None,
        model_map: Mapping[str, str] | None = None,
        plain_patches: bool = False,
    ) -> None:
        self._upstream = Upstream(base_url, "/chat/completions", key, model_map or {})
        self._plain_patches = plain_patches

    async def respond(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        """See :class:`~spark_tui.protocol.gateway.engine.Engine`."""
        if request.input and request.input[-1]["type"] == "compaction_trigger":
            yield Failed("A chat-completions server cannot compact; ask for a summary.", "unsupported_value", 400)
            return
        custom = {str(tool.get("name")) for tool in request.tools if tool.get("type") == "custom"}
        plain = self._plain_patches and offers_apply_patch(request.tools)
        translator = ChatTranslator(custom, plain_patches=plain)
        try:
            body = chat_body(request, self._upstream.model(request.model), with_tools=not self._plain_patches)
            async with self._upstream.ask(body) as chunks:
                yield Accepted()
                async for data in chunks:
                    for event in translator.feed(data):
                        yield event
                        if isinstance(event, Failed):
                            return
            for event in translator.finish():
                yield event
        except UpstreamFailed as failure:
            yield failure.event

    async def aclose(self) -> None:
        """Close the connections to the server."""
        await self._upstream.aclose()
