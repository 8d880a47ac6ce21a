"""What a request is refused with."""

TYPES = {400: "invalid_request_error", 401: "authentication_error", 402: "billing_error",
         403: "permission_error", 404: "not_found_error", 409: "conflict_error",
         413: "request_too_large", 429: "rate_limit_error", 500: "api_error",
         502: "api_error", 503: "api_error", 504: "timeout_error", 529: "overloaded_error"}


class Refusal(Exception):
    """Ends the handling of a request with an error answer."""

    def __init__(self, status, message, *, kind=None, headers=None):
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind or TYPES.get(status, "api_error")
        self.headers = headers or {}


def invalid(message):
    """A 400 of the kind the service gives for everything wrong with a body."""
    return Refusal(400, message)
