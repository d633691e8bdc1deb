"""Asking an upstream server over HTTP and reading its event stream; its errors as :class:`Failed`."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from spark_tui.protocol.engines.sse import EventStream
from spark_tui.protocol.gateway import json_text
from spark_tui.protocol.gateway.engine import Failed
from spark_tui.protocol.gateway.settings import is_loopback

CONNECT_TIMEOUT = 10.0
"""Seconds until a server that does not answer the connection is given up."""

SILENCE_TIMEOUT = 300.0
"""Seconds without a byte after which an answer counts as dead; reading a long prompt takes local servers minutes."""

ERROR_BODY_LIMIT = 64 * 1024


class UpstreamFailed(Exception):
    """The upstream refused, failed or went away; ``event`` is what the engine yields for it."""

    def __init__(self, event: Failed) -> None:
        super().__init__(event.message)
        self.event = event


class Upstream:
    """One server, kept connected between requests."""

    def __init__(
        self,
        base_url: str,
        path: str,
        key: str | None,
        model_map: Mapping[str, str],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        url = httpx.URL(base_url)
        self._url = url.copy_with(path=url.path.rstrip("/") + path)
        self._model_map = model_map
        self._key = key
        headers = {"Accept": "text/event-stream"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        timeout = httpx.Timeout(SILENCE_TIMEOUT, connect=CONNECT_TIMEOUT)
        limits = httpx.Limits(max_connections=None)
        # A server on this machine is never behind the proxy that the environment names.
        self._http = httpx.AsyncClient(
            headers=headers,
            timeout=timeout,
            limits=limits,
            verify=True if tls is None else tls,
            trust_env=not is_loopback(url.host),
        )

    def model(self, asked: str) -> str:
        """The upstream's name for the model. Raises :class:`UpstreamFailed` when there is none."""
        name = self._model_map.get(asked) or self._model_map.get("*") or asked
        if not name:
            message = "No model was asked for; name one in the request, or map * to one with --model-map."
            raise UpstreamFailed(Failed(message, code="missing_required_parameter", status=400))
        return name

    @asynccontextmanager
    async def ask(self, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        """Post ``body``; gives the ``data`` of the events as they come. Raises :class:`UpstreamFailed`."""
        try:
            async with self._http.stream("POST", self._url, json=body) as response:
                if not response.is_success:
                    refused = _refused(response, await _start_of(response))
                    raise UpstreamFailed(replace(refused, message=self._without_key(refused.message)))
                async with aclosing(_event_data(response)) as events:
                    yield events
        except httpx.TimeoutException:
            raise UpstreamFailed(self._gone("did not answer in time")) from None
        except httpx.ConnectError:
            raise UpstreamFailed(self._gone("cannot be reached; is it running?")) from None
        except httpx.HTTPError as error:
            raise UpstreamFailed(self._gone(f"broke off: {error or type(error).__name__}")) from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _without_key(self, message: str) -> str:
        """Some servers quote the key that they refuse."""
        return message.replace(self._key, "[key]") if self._key else message

    def _gone(self, what: str) -> Failed:
        return Failed(f"The upstream server at {self._url.host} {what}", code="upstream_unreachable", status=502)


def failure_of(error: Any, status: int, headers: Mapping[str, str] | None = None) -> Failed:
    """The :class:`Failed` for an upstream's ``error`` value, which may be an object, a text or nothing."""
    fields = error if isinstance(error, dict) else {}
    message = fields.get("message") or (error if isinstance(error, str) else "")
    code = fields.get("code") or fields.get("type")
    if not isinstance(code, str):
        code = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}.get(status)
        code = code or ("invalid_request_error" if 400 <= status < 500 else "server_error")
    return Failed(
        str(message) or f"The upstream server answered with HTTP status {status}.",
        code=code,
        status=status if 400 <= status <= 599 else 502,
        headers=dict(headers or {}),
    )


def _refused(response: httpx.Response, body: bytes) -> Failed:
    kept = {
        name: value for name, value in response.headers.items() if name.startswith(("retry-after", "x-ratelimit-"))
    }
    try:
        value = json_text.decode_clean(body)
    except ValueError:
        return failure_of(None, response.status_code, kept)
    if isinstance(value, list) and value:
        value = value[0]
    error = value.get("error", value) if isinstance(value, dict) else value
    return failure_of(error, response.status_code, kept)


async def _start_of(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > ERROR_BODY_LIMIT:
            break
    return body


async def _event_data(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    stream = EventStream()
    async for chunk in response.aiter_bytes():
        for data in stream.feed(chunk):
            yield data
    for data in stream.finish():
        yield data
