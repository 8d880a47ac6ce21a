#include "drivers/curl/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "support/catch.hpp"

using namespace tollgate::curl_driver;

namespace {

bool judge(const char* text) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    return is_private(reinterpret_cast<const sockaddr*>(&v4));
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  REQUIRE(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
  return is_private(reinterpret_cast<const sockaddr*>(&v6));
}

struct Row {
  const char* text;
  bool is_private;
};

}  // namespace

TEST_CASE("address: private ranges to their last address, and not one further") {
  const Row rows[] = {
      {"0.0.0.0", true},          {"0.255.255.255", true},   {"1.0.0.0", false},
      {"9.255.255.255", false},   {"10.0.0.0", true},        {"10.255.255.255", true},
      {"11.0.0.0", false},        {"100.63.255.255", false}, {"100.64.0.0", true},
      {"100.127.255.255", true},  {"100.128.0.0", false},    {"126.255.255.255", false},
      {"127.0.0.1", true},        {"127.255.255.255", true}, {"128.0.0.0", false},
      {"169.253.255.255", false}, {"169.254.169.254", true}, {"169.255.0.0", false},
      {"172.15.255.255", false},  {"172.16.0.0", true},      {"172.31.255.255", true},
      {"172.32.0.0", false},      {"192.0.0.1", true},       {"192.0.1.0", false},
      {"192.167.255.255", false}, {"192.168.0.0", true},     {"192.168.255.255", true},
      {"192.169.0.0", false},     {"198.18.0.1", true},      {"198.20.0.0", false},
      {"223.255.255.255", false}, {"224.0.0.1", true},       {"239.255.255.255", true},
      {"240.0.0.1", true},        {"255.255.255.255", true}, {"8.8.8.8", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(judge(row.text) == row.is_private);
  }
}

TEST_CASE("address: IPv6, and IPv4 wrapped in it") {
  const Row rows[] = {
      {"::", true},
      {"::1", true},
      {"::7f00:1", true},
      {"::ffff:127.0.0.1", true},
      {"::ffff:10.1.2.3", true},
      {"::ffff:8.8.8.8", false},
      {"64:ff9b::a9fe:a9fe", true},
      {"64:ff9b::808:808", false},
      {"64:ff9b:1::808:808", true},
      {"2002:7f00:1::", true},
      {"2002:808:808::", false},
      {"fbff::1", false},
      {"fc00::1", true},
      {"fdff::1", true},
      {"fe7f::1", false},
      {"fe80::1", true},
      {"febf::1", true},
      {"fec0::1", true},
      {"ff02::1", true},
      {"2606:4700::1", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(judge(row.text) == row.is_private);
  }
}

TEST_CASE("address: what is not IP is private") {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  CHECK(is_private(reinterpret_cast<const sockaddr*>(&local)));
}

TEST_CASE("address: hosts that a URL names by themselves") {
  const Row rows[] = {
      {"http://127.0.0.1/", true},
      {"http://2130706433/", true},
      {"http://0x7f.1/", true},
      {"http://0177.0.0.1:80/", true},
      {"http://[::1]:8080/", true},
      {"http://[::ffff:10.0.0.1]/", true},
      {"http://[fe80::1%25eth0]/", true},
      {"http://localhost/", true},
      {"http://LOCALHOST./", true},
      {"http://a.localhost/", true},
      {"http://user@169.254.169.254/", true},
      {"not a url at all", true},
      {"https://api.example/", false},
      {"https://8.8.8.8/", false},
      {"https://[2606:4700::1]/", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(names_private_host(row.text) == row.is_private);
  }
}
