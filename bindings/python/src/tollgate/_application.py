"""What the ASGI and the WSGI application have in common: the gateway, and the options for it."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import Optional, Union

from ._support import Text
from .clock import Clock
from .drivers import CurlDriver
from .gateway import Gateway, RecordSink
from .lookup import Lookup
from .stores import Store


@dataclass(eq=False, repr=False)
class Application:
    """The options are those of Gateway, which is made of them unless one is given."""

    config: InitVar[Union[Text, Gateway]]
    name: str = "config"
    lookup: Optional[Lookup] = None
    on_record: Optional[RecordSink] = None
    store: Optional[Store] = None
    driver: Optional[CurlDriver] = None
    clock: Optional[Clock] = None

    def __post_init__(self, config: Union[Text, Gateway]) -> None:
        self._owned = not isinstance(config, Gateway)
        self.gateway = (
            config
            if isinstance(config, Gateway)
            else Gateway(
                config,
                name=self.name,
                lookup=self.lookup,
                on_record=self.on_record,
                store=self.store,
                driver=self.driver,
                clock=self.clock,
            )
        )
