// TG_FLAG_DENY_PRIVATE: which addresses an upstream may not have, after its name was resolved.

#include "module.h"

typedef struct {
  uint32_t network;
  uint32_t bits;
} range;

static int is_private4(uint32_t address) {
  static const range kPrivate[] = {
      {0x00000000, 8},   // this network
      {0x0A000000, 8},   // private
      {0x64400000, 10},  // behind a carrier's address translation
      {0x7F000000, 8},   // loopback
      {0xA9FE0000, 16},  // link-local
      {0xAC100000, 12},  // private
      {0xC0000000, 24},  // protocol assignments
      {0xC0A80000, 16},  // private
      {0xC6120000, 15},  // benchmarks
      {0xE0000000, 3},   // multicast, reserved, broadcast
  };
  for (size_t i = 0; i < sizeof kPrivate / sizeof *kPrivate; ++i) {
    if ((address ^ kPrivate[i].network) >> (32 - kPrivate[i].bits) == 0) return 1;
  }
  return 0;
}

static uint32_t read4(const uint8_t* at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int is_private6(const uint8_t* at) {
  static const uint8_t kZero[12] = {0};
  static const uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static const uint8_t kNat64[12] = {0x00, 0x64, 0xff, 0x9b};
  static const uint8_t kNat64Local[6] = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01};
  // An IPv4 address in IPv6 is as private as it is in IPv4; ::1 lies among them.
  if (memcmp(at, kZero, 12) == 0 || memcmp(at, kMapped, 12) == 0 || memcmp(at, kNat64, 12) == 0)
    return is_private4(read4(at + 12));
  if (memcmp(at, kNat64Local, sizeof kNat64Local) == 0) return 1;
  if (at[0] == 0x20 && at[1] == 0x02) return is_private4(read4(at + 2));  // 6to4
  if ((at[0] & 0xfe) == 0xfc || at[0] == 0xff) return 1;                  // local, multicast
  return at[0] == 0xfe && (at[1] & 0x80) == 0x80;                         // link- and site-local
}

int tollgate_address_is_private(const struct sockaddr* address) {
  if (address->sa_family == AF_INET) {
    return is_private4(ntohl(((const struct sockaddr_in*)address)->sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    return is_private6(((const struct sockaddr_in6*)address)->sin6_addr.s6_addr);
  }
  return 1;
}
