"""Whom to trust: one TLS context for the WebSocket and for HTTP, so that both ways meet the same certificates."""

from __future__ import annotations

import ssl

from spark_tui.protocol.errors import WireError


def client_context(ca_bundle: str | None = None) -> ssl.SSLContext:
    """The system's certificates (``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` included), and those in ``ca_bundle``.

    Blocks for some milliseconds. Raises :class:`WireError` where the bundle cannot be used.
    """
    context = ssl.create_default_context()
    if ca_bundle is not None:
        try:
            context.load_verify_locations(ca_bundle)
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror if not isinstance(error, ssl.SSLError) else "no PEM certificates in it"
            raise WireError(f"the CA bundle {ca_bundle} cannot be used ({reason}); check ca_bundle") from None
    return context
