#pragma once

#include <string>
#include <sys/socket.h>

namespace tollgate::curl_driver {

/// Whether an address is one that a request from outside must not reach: private, shared (CGNAT),
/// loopback, link-local, unspecified, multicast or reserved, also when an IPv6 address merely wraps
/// such an IPv4 address (mapped, compatible, NAT64, 6to4). Families other than IP count as private.
bool is_private(const sockaddr* address);

/// Whether a URL names such an address by itself, or "localhost": all that can be known about a
/// target that a proxy resolves. An unreadable URL counts as one that does.
bool names_private_host(const std::string& url);

}  // namespace tollgate::curl_driver
