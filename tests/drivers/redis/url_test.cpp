#include "drivers/redis/url.hpp"

#include "support/catch.hpp"

namespace tollgate::redis_driver {
namespace {

struct UrlCase {
  const char* text;
  const char* host;
  int port;
  const char* user;
  const char* password;
  int database;
};

TEST_CASE("a URL is read") {
  const UrlCase cases[] = {
      {"redis://localhost", "localhost", 6379, "", "", 0},
      {"redis://10.0.0.1:7000/3", "10.0.0.1", 7000, "", "", 3},
      {"redis://[::1]:7000/", "::1", 7000, "", "", 0},
      {"redis://[::1]", "::1", 6379, "", "", 0},
      {"redis://:s%40cret@host", "host", 6379, "", "s@cret", 0},
      {"redis://me:a@b@host:1", "host", 1, "me", "a@b", 0},
  };
  for (const UrlCase& row : cases) {
    INFO(row.text);
    Url url;
    std::string reason;
    REQUIRE(parse_url(row.text, url, reason));
    CHECK(url.host == row.host);
    CHECK(url.port == row.port);
    CHECK(url.user == row.user);
    CHECK(url.password == row.password);
    CHECK(url.database == row.database);
  }
}

TEST_CASE("what is no such URL is refused without repeating it") {
  for (const char* text :
       {"", "redis:", "redis://", "http://host", "rediss://host", "redis://host:0",
        "redis://host:65536", "redis://host:", "redis://host:x", "redis://host/x", "redis://[::1",
        "redis://[::1]x", "redis://secret@host", "redis://:se%4gret@host", "redis://:secret%4@h"}) {
    INFO(text);
    Url url;
    std::string reason;
    CHECK_FALSE(parse_url(text, url, reason));
    CHECK_FALSE(reason.empty());
    CHECK(reason.find("secret") == std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::redis_driver
