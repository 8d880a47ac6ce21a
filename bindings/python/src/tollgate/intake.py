"""How drivers feed a client's request, and what a refusal in its middle means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._support import HeaderPairs, Text
from .drivers.delivery import Delivery
from .exchange import Exchange

if TYPE_CHECKING:
    from .gateway import Gateway


class Intake:
    """One request on its way in. Ends in `refused` (answered already) or with a whole request."""

    def __init__(self, gateway: "Gateway", delivery: Delivery, client_address: str = "") -> None:
        gateway.start_background()
        self.delivery = delivery
        self.exchange: Exchange = gateway.exchange(client_address=client_address)

    @property
    def refused(self) -> bool:
        """The answer has begun: the rest of the request need not be read."""
        return self.delivery.head is not None

    def head(self, method: str, target: Text, headers: HeaderPairs) -> None:
        self.exchange.client_head(method, target, headers)
        self._look()

    def body(self, data: bytes) -> None:
        if data and not self.refused:
            self.exchange.client_body(data)
            self._look()

    def end(self) -> None:
        """After this a driver goes on, unless the exchange is done."""
        if not self.refused:
            self.exchange.client_end()

    def _look(self) -> None:
        self.delivery.perform(self.exchange.actions())

    def cancel(self) -> None:
        """The client left before its request was whole."""
        if not self.exchange.done:
            self.exchange.client_gone()
            self._look()
        self.exchange.close()
