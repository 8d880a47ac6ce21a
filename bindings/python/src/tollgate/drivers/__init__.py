"""Drivers: what performs the upstream side of exchanges."""

from __future__ import annotations

from .curl import CurlDriver, default_driver
from .delivery import Delivery

__all__ = ["CurlDriver", "Delivery", "default_driver"]
