#include "drivers/curl/address.hpp"

#include <arpa/inet.h>
#include <cstdint>
#include <cstring>
#include <memory>
#include <netinet/in.h>

#include <curl/curl.h>

namespace tollgate::curl_driver {
namespace {

struct Range4 {
  uint32_t network;
  uint32_t bits;
};

constexpr uint32_t quad(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24U | b << 16U | c << 8U | d;
}

constexpr Range4 kPrivate4[] = {
    {quad(0, 0, 0, 0), 8},    {quad(10, 0, 0, 0), 8},     {quad(100, 64, 0, 0), 10},
    {quad(127, 0, 0, 0), 8},  {quad(169, 254, 0, 0), 16}, {quad(172, 16, 0, 0), 12},
    {quad(192, 0, 0, 0), 24}, {quad(192, 168, 0, 0), 16}, {quad(198, 18, 0, 0), 15},
    {quad(224, 0, 0, 0), 4},  {quad(240, 0, 0, 0), 4},
};

bool is_private4(uint32_t address) {
  for (const Range4& range : kPrivate4) {
    if ((address ^ range.network) >> (32U - range.bits) == 0) return true;
  }
  return false;
}

uint32_t read4(const uint8_t* at) {
  return quad(at[0], at[1], at[2], at[3]);
}

bool is_private6(const uint8_t* at) {
  constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr uint8_t kNat64[12] = {0x00, 0x64, 0xff, 0x9b};
  constexpr uint8_t kNat64Local[6] = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01};
  constexpr uint8_t kZero[12] = {};
  // ::/96 holds the unspecified address, loopback (0.0.0.1) and the IPv4-compatible form.
  if (std::memcmp(at, kZero, 12) == 0 || std::memcmp(at, kMapped, 12) == 0 ||
      std::memcmp(at, kNat64, 12) == 0) {
    return is_private4(read4(at + 12));
  }
  if (std::memcmp(at, kNat64Local, sizeof kNat64Local) == 0) return true;
  if (at[0] == 0x20 && at[1] == 0x02) return is_private4(read4(at + 2));  // 6to4
  if ((at[0] & 0xfeU) == 0xfc || at[0] == 0xff) return true;              // local, multicast
  return at[0] == 0xfe && (at[1] & 0x80U) == 0x80;                        // link- and site-local
}

}  // namespace

bool is_private(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return is_private4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    return is_private6(v6.sin6_addr.s6_addr);
  }
  return true;
}

bool names_private_host(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parts(curl_url(), &curl_url_cleanup);
  char* text = nullptr;
  if (parts == nullptr || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(parts.get(), CURLUPART_HOST, &text, 0) != CURLUE_OK) {
    return true;
  }
  std::string host(text);
  curl_free(text);
  for (char& c : host)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (host.ends_with('.')) host.pop_back();
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  // libcurl has turned odd spellings of an IPv4 address into the usual one by now.
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    return is_private(reinterpret_cast<const sockaddr*>(&v4));
  }
  if (!host.starts_with('[')) return false;
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  const std::string inside = host.substr(1, host.find_first_of("%]") - 1);
  if (inet_pton(AF_INET6, inside.c_str(), &v6.sin6_addr) != 1) return true;
  return is_private(reinterpret_cast<const sockaddr*>(&v6));
}

}  // namespace tollgate::curl_driver
