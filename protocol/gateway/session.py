"""One connection's conversation, without I/O: what each client event and each engine event leads to.

The I/O around it gives frames to :meth:`Session.receive` and engine events to :meth:`Session.on_event`, sends what
it is handed, and starts and stops engines when told to. The rules are those of protocol.md, sections 2 to 9.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from spark_tui.protocol.gateway.chain import (
    Chain,
    ResponseCache,
    StoredResponse,
    StoredResponses,
    answer_stubs,
    extend,
    require_answers,
)
from spark_tui.protocol.gateway.engine import EngineEvent, EngineRequest, Failed, Finished
from spark_tui.protocol.gateway.framing import Framer
from spark_tui.protocol.gateway.lanes import Lane, Lanes, Run
from spark_tui.protocol.gateway.refusal import Refusal
from spark_tui.protocol.gateway.requests import (
    CreateRequest,
    additional_tools,
    invalid,
    parse_create,
    parse_event,
    parse_steer_input,
    stream_id_of,
)
from spark_tui.protocol.gateway.response import Phase, ResponseWriter
from spark_tui.protocol.gateway.steering import SteerQueue, failed_event
from spark_tui.protocol.wire.updates import Item, Usage

MAX_ACTIVE = 16
"""Responses that run at once on a connection, on named lanes and the default one together."""

REMEMBERED_ENDS = 64
"""Ended responses whose ids are remembered, to tell a late steer or interrupt from a wrong one."""


class SessionHost(Protocol):
    """The I/O around a session."""

    def send(self, frame: bytes) -> None:
        """Queue one text frame for the client."""
        ...

    def start(self, run: Run) -> None:
        """Ask the engine for ``run.engine_request`` and give its events to :meth:`Session.on_event`."""
        ...

    def stop(self, run: Run) -> None:
        """Close the engine's iterator for ``run``; its further events do not matter."""
        ...


class Session:
    """The state of one connection."""

    def __init__(
        self,
        host: SessionHost,
        *,
        default_model: str,
        stored: StoredResponses | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._default_model = default_model
        self._clock = clock
        self._cache = ResponseCache(stored or StoredResponses())
        self._lanes = Lanes()
        self._runs: dict[str, Run] = {}
        self._active: set[Run] = set()
        self._waiting: deque[Run] = deque()
        self._ended: dict[str, tuple[Phase, str | None]] = {}
        self._expired = False

    @property
    def finished(self) -> bool:
        """Whether the connection has reached its age and nothing runs on it any more."""
        return self._expired and not self._runs

    def expire(self) -> None:
        """The connection is as old as it may get: what runs goes on, nothing new begins (protocol.md 1.6)."""
        self._expired = True
        self._host.send(_connection_limit().frame())

    def receive(self, frame: str | bytes) -> None:
        """Take one message of the client."""
        try:
            event = parse_event(frame)
            match event.get("type"):
                case "response.create":
                    self._receive_create(event)
                case "response.steer":
                    self._receive_steer(event)
                case "response.interrupt":
                    self._receive_interrupt(event)
                case other:
                    raise Refusal(f"Unknown event type: {other!r}.", code="invalid_event_type", param="type")
        except Refusal as refusal:
            self._host.send(refusal.frame())

    def on_event(self, run: Run, event: EngineEvent) -> None:
        """Take one event of the engine that answers ``run``."""
        if run not in self._active:
            return
        writer = run.writer
        if writer.phase is Phase.UNSEEN:
            self._on_first_event(run, event)
        elif run.steers and not isinstance(event, Finished | Failed):
            self._on_steered_event(run, event)
            return
        else:
            for frame in writer.write(event):
                self._host.send(frame)
        if writer.phase.ended:
            self._on_engine_end(run)

    def close(self) -> None:
        """The connection is gone: stop everything."""
        for run in self._active:
            self._host.stop(run)
        self._active.clear()
        self._runs.clear()
        self._waiting.clear()

    # -- response.create

    def _receive_create(self, event: dict[str, Any]) -> None:
        name = stream_id_of(event)
        if self._expired:
            raise _connection_limit()
        try:
            lane = self._lanes.named(name)
        except Refusal as refusal:
            self._host.send(refusal.frame(name))
            return
        self._lanes.put(lane, event)
        self._advance(lane)

    def _advance(self, lane: Lane) -> None:
        """Take requests of the lane until one runs. Errors come in their turn, so that they are told apart."""
        while lane.run is None and lane.queue:
            event = self._lanes.take(lane)
            if isinstance(event, Refusal):
                self._host.send(event.frame(lane.name))
                continue
            try:
                self._create(lane, event)
            except Refusal as refusal:
                self._host.send(refusal.frame(lane.name))
                self._forget_parent(lane, event.get("previous_response_id"), str(refusal))

    def _create(self, lane: Lane, event: dict[str, Any]) -> None:
        request = parse_create(event)
        parent = self._cache.find(request.previous_response_id) if request.previous_response_id is not None else None
        carried = None
        if lane.waiting_steers is not None and lane.waiting_steers[0] == request.previous_response_id:
            carried = lane.waiting_steers[1]
        items = [*(carried.items if carried else []), *self._resolved(request.input)]
        chain = extend(parent.chain if parent else None, items)
        require_answers(chain)
        if carried is not None:
            lane.waiting_steers = None
        else:
            self._drop_waiting_steers(lane, "The lane went on without the answers that were waited for.")
        self._begin(self._new_run(lane, request, chain, parent, carried=carried))

    def _forget_parent(self, lane: Lane, parent_id: Any, reason: str) -> None:
        """A continuation failed before it began: its parent cannot be continued again, nor can steers of it."""
        if isinstance(parent_id, str):
            self._cache.evict(parent_id, lane.name)
            if lane.waiting_steers is not None and lane.waiting_steers[0] == parent_id:
                self._drop_waiting_steers(lane, reason)

    def _resolved(self, items: list[Item]) -> list[Item]:
        """The items with each ``item_reference`` replaced by what it names."""
        resolved = []
        for item in items:
            if item["type"] == "item_reference":
                found = self._cache.find_item(str(item.get("id")))
                if found is None:
                    raise invalid(f"No item has the id {item.get('id')!r} here.", "input")
                item = found
            resolved.append(item)
        return resolved

    def _new_run(
        self,
        lane: Lane,
        request: CreateRequest,
        chain: Chain,
        parent: StoredResponse | None,
        *,
        carried: SteerQueue | None = None,
        automatic: bool = False,
    ) -> Run:
        response_id = f"resp_{secrets.token_hex(16)}"
        model = request.fields.get("model") or self._default_model
        writer = ResponseWriter(request, response_id=response_id, stream_id=lane.name, model=model, clock=self._clock)
        items = chain.items()
        engine_request = EngineRequest(
            response_id=response_id,
            input=items,
            instructions=request.instructions,
            tools=request.tools + additional_tools(items),
            fields=request.fields,
        )
        steers = SteerQueue(response_id, writer.framer)
        return Run(lane, request, engine_request, chain, parent, writer, steers, carried, automatic)

    def _begin(self, run: Run) -> None:
        run.lane.run = run
        self._runs[run.engine_request.response_id] = run
        if not run.request.generate:
            self._send(run, run.writer.complete(Usage()))
            self._on_seen(run)
            self._retire(run)
        elif len(self._active) < MAX_ACTIVE:
            self._active.add(run)
            self._host.start(run)
        else:
            self._waiting.append(run)
            self._send(run, run.writer.queue())
            self._on_seen(run)

    def _on_seen(self, run: Run) -> None:
        """The response exists for the client: steers that it carries are committed."""
        if run.carried is not None:
            run.carried.commit()

    def _on_first_event(self, run: Run, event: EngineEvent) -> None:
        frames = run.writer.write(event)
        if run.writer.phase is not Phase.REFUSED:
            self._send(run, frames)
            self._on_seen(run)
            return
        # An error ends the request it belongs to, and no request of the client is behind a steer's successor.
        if not run.automatic:
            self._send(run, frames)
        if run.carried is not None and isinstance(event, Failed):
            self._send(run, run.carried.fail("successor_creation_failed", event.message))

    # -- ends

    def _on_engine_end(self, run: Run) -> None:
        """The engine said that it is done, or failed."""
        if run.writer.phase not in (Phase.COMPLETED, Phase.INCOMPLETE):
            if run.parent is not None:
                self._cache.evict(run.parent.id, run.lane.name)
            self._send(run, run.steers.fail("response_not_active", "The response failed."))
        self._end(run)

    def _end(self, run: Run) -> None:
        """After the terminal event: let what waits go on; a steer's successor first."""
        self._retire(run)
        self._fill_slots()
        self._advance(run.lane)

    def _retire(self, run: Run) -> None:
        """Take the response off its lane and keep it for its continuation."""
        lane, response_id = run.lane, run.engine_request.response_id
        self._active.discard(run)
        if run in self._waiting:
            self._waiting.remove(run)
        self._runs.pop(response_id, None)
        self._ended[response_id] = run.writer.phase, lane.name
        if len(self._ended) > REMEMBERED_ENDS:
            del self._ended[next(iter(self._ended))]
        lane.run = None
        if run.writer.phase in (Phase.COMPLETED, Phase.INCOMPLETE):
            response = StoredResponse(response_id, lane.name, run.chain_with_output())
            self._cache.keep(response, warmup=not run.request.generate, store=run.request.store)
            if run.steers:
                self._succeed(run, response)

    def _fill_slots(self) -> None:
        while self._waiting and len(self._active) < MAX_ACTIVE:
            run = self._waiting.popleft()
            self._active.add(run)
            self._host.start(run)

    # -- response.steer

    def _receive_steer(self, event: dict[str, Any]) -> None:
        response_id, original = event.get("previous_response_id"), event.get("input")
        if not isinstance(response_id, str):
            raise invalid("previous_response_id must name the response to steer.", "previous_response_id")
        run = self._runs.get(response_id)
        try:
            items = parse_steer_input(original)
            if run is None or run.writer.phase is Phase.UNSEEN:
                raise self._not_steerable(response_id)
            self._host.send(run.steers.accept(original, items))
        except Refusal as refusal:
            framer = run.writer.framer if run else Framer(self._lane_of_ended(response_id))
            self._host.send(failed_event(framer, response_id, original, refusal))
            return
        if not run.writer.has_open_item:
            self._end_steered(run)

    def _lane_of_ended(self, response_id: str) -> str | None:
        return self._ended[response_id][1] if response_id in self._ended else None

    def _not_steerable(self, response_id: str) -> Refusal:
        match self._ended.get(response_id):
            case None:
                return Refusal("The response is not known on this connection.", code="response_not_found")
            case Phase.COMPLETED, _:
                return Refusal("The response has completed.", code="response_already_completed")
            case _:
                return Refusal("The response is no longer active.", code="response_not_active")

    def _on_steered_event(self, run: Run, event: EngineEvent) -> None:
        """As :meth:`on_event` for a response that ends where its open item does."""
        if run.writer.continues_item(event):
            self._send(run, run.writer.write(event))
        else:
            self._send(run, run.writer.close_item())
        if not run.writer.has_open_item:
            self._end_steered(run)

    def _end_steered(self, run: Run) -> None:
        """End at a safe boundary. With calls open the response completes, since only the client can go on."""
        self._stop(run)
        if run.chain_with_output().open_calls:
            self._send(run, run.writer.complete())
        else:
            self._send(run, run.writer.end_incomplete("steered"))
        self._end(run)

    def _succeed(self, run: Run, response: StoredResponse) -> None:
        """After the end of a response with steers: its successor, or the wait for the client's answers."""
        lane = run.lane
        if response.chain.open_calls:
            lane.waiting_steers = (response.id, run.steers)
            following = lane.queue[0] if lane.queue else None
            if not (isinstance(following, dict) and following.get("previous_response_id") == response.id):
                self._send(run, run.steers.wait_for(answer_stubs(response.chain)))
            return
        chain = extend(response.chain, run.steers.items)
        fields = {**run.request.fields, "previous_response_id": response.id}
        request = replace(run.request, fields=fields, input=run.steers.items, previous_response_id=response.id)
        self._begin(self._new_run(lane, request, chain, response, carried=run.steers, automatic=True))

    def _drop_waiting_steers(self, lane: Lane, message: str) -> None:
        if lane.waiting_steers is not None:
            for frame in lane.waiting_steers[1].fail("successor_creation_failed", message):
                self._host.send(frame)
            lane.waiting_steers = None

    # -- response.interrupt

    def _receive_interrupt(self, event: dict[str, Any]) -> None:
        """Stop one response (protocol.md 8.3). One that has just ended needs no answer: its end is on the way."""
        response_id = event.get("response_id")
        if not isinstance(response_id, str):
            raise invalid("response_id must name the response to interrupt.", "response_id")
        if event.get("mode", "discard_partial_items") != "discard_partial_items":
            raise invalid("mode must be discard_partial_items.", "mode")
        run = self._runs.get(response_id)
        if run is None:
            if response_id in self._ended:
                return
            raise Refusal("The response is not running here.", code="response_not_found", param="response_id")
        self._stop(run)
        self._send(run, run.writer.end_incomplete("interrupted", discard_partial=True))
        self._send(run, run.steers.fail("response_not_active", "The response was interrupted."))
        self._end(run)

    def _stop(self, run: Run) -> None:
        if run in self._active:
            self._active.discard(run)
            self._host.stop(run)

    def _send(self, run: Run, frames: list[bytes]) -> None:
        for frame in frames:
            self._host.send(frame)


def _connection_limit() -> Refusal:
    return Refusal(
        "This connection has reached its age limit; open another and send the whole history.",
        code="websocket_connection_limit_reached",
    )
