#include "options.hpp"

#include "support/catch.hpp"

using namespace tollgate::server;

namespace {

const std::vector<OptionSpec> kSpecs = {{"--config"}, {"--header", true, true}, {"--json", false}};

}  // namespace

TEST_CASE("options are read in both forms") {
  std::string reason;
  const auto options = Options::parse(
      {"--config", "a.yaml", "--header=a: b", "word", "--header", "c: d", "--json", "-"}, kSpecs,
      reason);
  REQUIRE(options);
  CHECK(options->value("--config") == "a.yaml");
  CHECK(options->values("--header") == std::vector<std::string>{"a: b", "c: d"});
  CHECK(options->has("--json"));
  CHECK_FALSE(options->has("--seed"));
  CHECK(options->value("--seed", "0") == "0");
  CHECK(options->words() == std::vector<std::string>{"word", "-"});
}

TEST_CASE("wrong options are refused with a reason") {
  struct Row {
    const char* name;
    std::vector<std::string> words;
    const char* reason;
  };
  const Row rows[] = {
      {"unknown", {"--colour"}, "unknown option --colour"},
      {"unknown with a value", {"--colour=red"}, "unknown option --colour"},
      {"no value", {"--config"}, "--config needs a value"},
      {"twice", {"--config", "a", "--config", "b"}, "--config is given twice"},
      {"a flag with a value", {"--json=yes"}, "--json takes no value"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    std::string reason;
    CHECK_FALSE(Options::parse(row.words, kSpecs, reason));
    CHECK(reason == row.reason);
  }
}

TEST_CASE("numbers are whole or nothing") {
  CHECK(parse_number("42") == 42U);
  for (const char* text : {"", "-1", "+1", "1.5", "1x", " 1", "99999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_number(text));
  }
}

TEST_CASE("listen addresses are split") {
  struct Row {
    const char* text;
    const char* host;
    int port;
  };
  const Row rows[] = {{"127.0.0.1:8787", "127.0.0.1", 8787},
                      {"localhost:0", "localhost", 0},
                      {"[::1]:65535", "::1", 65535}};
  for (const Row& row : rows) {
    INFO(row.text);
    const auto address = parse_listen(row.text);
    REQUIRE(address);
    CHECK(address->host == row.host);
    CHECK(address->port == row.port);
  }
  for (const char* text : {"", "8787", ":8787", "a:", "a:65536", "::1:80", "a:-1", "[]:1"}) {
    INFO(text);
    CHECK_FALSE(parse_listen(text));
  }
}

TEST_CASE("times are read as UTC") {
  CHECK(parse_time("2026-11-22T09:00:00Z") == 1'795'338'000'000);
  CHECK(parse_time("2026-11-22T09:00:00") == 1'795'338'000'000);
  CHECK(parse_time("2026-11-22") == 1'795'305'600'000);
  for (const char* text : {"", "yesterday", "2026-11-22T09:00:00Zx", "2026-13-01"}) {
    INFO(text);
    CHECK_FALSE(parse_time(text));
  }
}
