"""Upstream calls through a host's own httpx client, with its pool, proxies and tracing.

    app = tollgate.asgi.App(text, transport=HttpxTransport(client))
"""

import httpx

from tollgate.actions import Failure, UpstreamOpen
from tollgate.aio import UpstreamAnswer, UpstreamError

FAILURES = (
    (httpx.ConnectError, Failure.CONNECT),
    (httpx.ConnectTimeout, Failure.CONNECT),
    (httpx.ProxyError, Failure.PROXY),
    (httpx.RemoteProtocolError, Failure.PROTOCOL),
    (httpx.TransportError, Failure.RESET),
)


def failure_of(error: httpx.TransportError) -> UpstreamError:
    reason = next(reason for kind, reason in FAILURES if isinstance(error, kind))
    return UpstreamError(reason, type(error).__name__)


def new_client() -> httpx.AsyncClient:
    """Without timeouts: silence, totals and retries are the gateway's to judge."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(None, connect=10.0), follow_redirects=False, trust_env=False
    )


class HttpxTransport:
    """Per-account proxies, certificates and `deny_private` need clients of their own: a call that
    asks for one is refused here rather than sent another way."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def open(self, call: UpstreamOpen) -> UpstreamAnswer:
        if call.proxy or call.ca_file or call.client_cert_file or call.deny_private:
            raise UpstreamError(Failure.HOST, "this transport has one client for all accounts")
        request = httpx.Request(call.method, call.url, headers=call.headers, content=call.body)
        try:
            answer = await self._client.send(request, stream=True)
        except httpx.TransportError as error:
            raise failure_of(error) from error
        return UpstreamAnswer(answer.status_code, answer.headers.raw, self._body(answer))

    async def _body(self, answer: httpx.Response):
        try:
            async for data in answer.aiter_raw():
                yield data
        except httpx.TransportError as error:
            raise failure_of(error) from error
        finally:
            await answer.aclose()
