"""The way to the model: the endpoint that is configured, or the program's own gateway with an engine behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from spark_tui.app.gateway_child import GatewayChild, GatewayError
from spark_tui.app.local_servers import LocalServer
from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.remembered import Remembered
from spark_tui.app.settings import Settings
from spark_tui.protocol.client.connection import Client
from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.fallback import FallbackDial
from spark_tui.protocol.client.replay import Replay
from spark_tui.protocol.client.tape import Tape
from spark_tui.protocol.client.transport import Dial, open_websocket
from spark_tui.protocol.profiles import Steering, profile_for
from spark_tui.protocol.wire.updates import LinkChanged

OFFLINE_MODEL = "offline"


class ModelLink:
    """Owns the client and what stands in front of it. Make it on the event loop it is to run on.

    A ``replay`` takes the place of the network: neither is a gateway started nor anything remembered.
    """

    def __init__(
        self,
        settings: Settings,
        remembered: Remembered,
        *,
        on_link: Callable[[LinkChanged], None],
        notify: Notify,
        tape: Tape | None = None,
        replay: Replay | None = None,
    ) -> None:
        self.local: LocalServer | None = None
        """The server on this machine that answers; ``None`` while none does."""
        self._settings = settings
        self._notify = notify
        self._remembered = remembered
        self._gateway: GatewayChild | None = None
        self._fallback: FallbackDial | None = None
        dial: Dial = open_websocket
        if replay is not None:
            endpoint = _recorded(replay, settings)
            dial = replay.dial
        elif settings.base_url is None:
            self._gateway = GatewayChild(self._offline_arguments(), lambda line: notify(line, Severity.WARNING))
            endpoint = self._behind_gateway(self._gateway, OFFLINE_MODEL)
        else:
            profile = profile_for(settings.model, settings.profiles)
            endpoint = Endpoint(
                settings.base_url, settings.api_key, settings.model, profile, ca_bundle=settings.ca_bundle
            )
            dial = self._fallback = FallbackDial(remembered)
        self.client = Client(endpoint, on_link=on_link, tape=tape, dial=dial)

    @property
    def endpoint(self) -> Endpoint:
        """Where the model is now."""
        return self.client.endpoint

    @property
    def takes_local(self) -> bool:
        """Whether a server on this machine could stand behind the gateway."""
        return self._gateway is not None

    async def start(self) -> None:
        """Begin to connect, and start the gateway where there is one."""
        await self.client.start()
        try:
            await self.start_gateway()
        except GatewayError as error:
            self._notify(str(error), Severity.ERROR)

    async def start_gateway(self) -> None:
        """Start the gateway alone, where there is one. Raises :exc:`GatewayError`."""
        if self._gateway is not None:
            await self._gateway.start()

    def use_local(self, server: LocalServer | None) -> None:
        """Let ``server`` answer from now on; ``None`` goes back to the built-in engine. No turn may run."""
        assert self._gateway is not None
        self.local = server
        if server is None:
            arguments, model = self._offline_arguments(), OFFLINE_MODEL
        else:
            arguments = ["--engine", "chat", "--upstream", server.base_url]
            model = server.model(self._settings.model)
        self.client.retarget(self._behind_gateway(self._gateway, model))
        self._gateway.replace(arguments)

    async def aclose(self) -> None:
        """End the connection, and the gateway with it."""
        await self.client.aclose()
        if self._fallback is not None:
            await self._fallback.aclose()
        if self._gateway is not None:
            await self._gateway.aclose()
        await self._remembered.settle()

    def _offline_arguments(self) -> list[str]:
        return ["--engine", "offline", "--rate", str(self._settings.rate)]

    def _behind_gateway(self, gateway: GatewayChild, model: str) -> Endpoint:
        # Whatever the engine, the gateway itself redirects and stops answers.
        profile = replace(
            profile_for(model, self._settings.profiles), steering=Steering.STEER, interrupt=True, lanes=True
        )
        return Endpoint(gateway.address.base_url, gateway.address.token, model, profile)


def _recorded(replay: Replay, settings: Settings) -> Endpoint:
    """The recorded model, with the abilities that the recording shows."""
    profile = profile_for(replay.model, settings.profiles)
    profile = replace(
        profile,
        steering=Steering.STEER if replay.used("response.steer") else Steering.NONE,
        interrupt=replay.used("response.interrupt"),
    )
    return Endpoint("ws://replay.invalid/v1", None, replay.model, profile)
