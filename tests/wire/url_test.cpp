#include "wire/url.hpp"

#include <string>
#include <string_view>

#include "support/catch.hpp"

namespace tollgate::wire {
namespace {

struct TargetCase {
  std::string_view target;
  std::string_view path;
  std::string_view query;
};

const TargetCase kTargets[] = {
    {"/", "/", ""},
    {"/v1/messages", "/v1/messages", ""},
    {"/v1/messages?beta=true", "/v1/messages", "beta=true"},
    {"/v1/messages?", "/v1/messages", ""},
    {"/a?b?c=/d", "/a", "b?c=/d"},
    {"//host/path", "//host/path", ""},
    {"/%0d%0a", "/%0d%0a", ""},
    {"http://127.0.0.1:8787/v1/models?limit=1", "/v1/models", "limit=1"},
    {"HTTPS://host", "/", ""},
    {"http://host?a=b", "/", "a=b"},
};

TEST_CASE("a request target is cut into path and query", "[wire]") {
  for (const TargetCase& row : kTargets) {
    INFO(row.target);
    const Result<Target> result = parse_target(row.target);
    REQUIRE(result.ok());
    CHECK(result.value().path == row.path);
    CHECK(result.value().query == row.query);
  }
}

TEST_CASE("a target in no such form is refused", "[wire]") {
  for (const std::string_view target :
       {std::string_view(""), std::string_view("*"), std::string_view("v1/messages"),
        std::string_view("host:443"), std::string_view("?a=b"), std::string_view("/a b"),
        std::string_view("/a\r\nx: y"), std::string_view("/a\0b", 4), std::string_view("/a#b"),
        std::string_view("ftp://host/a"), std::string_view("http://"),
        std::string_view("http:///a"), std::string_view("http://?a"), std::string_view("/\x7F")}) {
    INFO(target);
    const Result<Target> result = parse_target(target);
    REQUIRE_FALSE(result.ok());
    CHECK(result.status().code() == Code::kInvalid);
  }
}

struct UrlCase {
  std::string_view url;
  std::string_view scheme;
  std::string_view authority;
  std::string_view host;
  std::string_view path;
};

const UrlCase kUrls[] = {
    {"https://api.anthropic.com", "https", "api.anthropic.com", "api.anthropic.com", ""},
    {"http://127.0.0.1:9101", "http", "127.0.0.1:9101", "127.0.0.1", ""},
    {"https://host/", "https", "host", "host", "/"},
    {"HTTP://my_host:65535/a/b", "HTTP", "my_host:65535", "my_host", "/a/b"},
    {"https://[::1]:8443/v1", "https", "[::1]:8443", "::1", "/v1"},
    {"https://[2001:DB8::1]", "https", "[2001:DB8::1]", "2001:DB8::1", ""},
};

TEST_CASE("a base URL is cut into its parts", "[wire]") {
  for (const UrlCase& row : kUrls) {
    INFO(row.url);
    const Result<UrlParts> result = parse_base_url(row.url);
    REQUIRE(result.ok());
    CHECK(result.value().scheme == row.scheme);
    CHECK(result.value().authority == row.authority);
    CHECK(result.value().host == row.host);
    CHECK(result.value().path == row.path);
  }
}

TEST_CASE("a base URL that could mean something else is refused", "[wire]") {
  for (const char* url : {"",
                          "host",
                          "//host",
                          "ftp://host",
                          "https:/host",
                          "https://",
                          "https:///path",
                          "https://user@host",
                          "https://user:secret@host",
                          "https://host?x=y",
                          "https://host/#a",
                          "https://host:",
                          "https://host:0",
                          "https://host:65536",
                          "https://host:80a",
                          "https://:80",
                          "https://ho st",
                          "https://host/a b",
                          "https://host\r\n",
                          "https://host\\evil",
                          "https://host/a\\b",
                          "https://[::1",
                          "https://[]",
                          "https://[::1]x",
                          "https://[ab]",
                          "https://h\xC3\xB6st",
                          "https://host:-1",
                          "https://host:+1"}) {
    INFO(url);
    const Result<UrlParts> result = parse_base_url(url);
    REQUIRE_FALSE(result.ok());
    CHECK(result.status().code() == Code::kInvalid);
    CHECK(result.status().message().find("secret") == std::string::npos);
  }
}

TEST_CASE("base and path meet with one slash", "[wire]") {
  CHECK(join_url("https://host", "/v1") == "https://host/v1");
  CHECK(join_url("https://host/", "/v1") == "https://host/v1");
  CHECK(join_url("https://host/a//", "//v1") == "https://host/a/v1");
  CHECK(join_url("https://host/a", "v1/x/") == "https://host/a/v1/x/");
  CHECK(join_url("https://host", "") == "https://host/");
}

TEST_CASE("a path segment is encoded but for unreserved characters", "[wire]") {
  std::string out = "/";
  append_percent_encoded(out, "arn:aws/a-b_c.d~e f+\xC3\xA9%");
  CHECK(out == "/arn%3Aaws%2Fa-b_c.d~e%20f%2B%C3%A9%25");
}

}  // namespace
}  // namespace tollgate::wire
