#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

struct WishCase {
  const char* name;
  HeaderList headers;
  bool accepted;
};

const WishCase kWishes[] = {
    {"none", {}, true},
    {"ours", {{"x-tollgate-metadata", R"({"a":"b"})"}}, true},
    {"ours before the twin", {{"x-tfy-metadata", "broken"}, {"x-tollgate-metadata", "{}"}}, true},
    {"a number for a value", {{"x-tfy-metadata", R"({"a":1})"}}, false},
    {"no JSON", {{"x-tfy-metadata", "a=b"}}, false},
    {"a long value", {{"x-tfy-metadata", "{\"a\":\"" + std::string(129, 'x') + "\"}"}}, false},
    {"a value of the longest size",
     {{"x-tfy-metadata", "{\"a\":\"" + std::string(128, 'x') + "\"}"}},
     true},
    {"logging without a boolean", {{"x-tfy-logging-config", R"({"enabled":"yes"})"}}, false},
    {"timeouts", {{"x-tfy-request-timeout", "1"}, {"x-tollgate-ttft-timeout-ms", "3600000"}}, true},
    {"a timeout of nothing", {{"x-tfy-request-timeout", "0"}}, false},
    {"a timeout with a unit", {{"x-tfy-ttft-timeout-ms", "5s"}}, false},
    {"a timeout of days", {{"x-tollgate-request-timeout", "3600001"}}, false},
    {"logging off", {{"x-tollgate-logging-config", R"({"enabled":false})"}}, true},
};

TEST_CASE("wishes are read strictly") {
  const auto gateway = make_gateway();
  for (const WishCase& row : kWishes) {
    CAPTURE(row.name);
    exchange::ClientRequest request;
    for (const auto& [name, value] : row.headers)
      REQUIRE(request.headers.add(name, value).ok());
    const auto failure = exchange::read_wishes(*gateway->configuration(),
                                               gateway->environment()->documents, request);
    CHECK(failure.has_value() != row.accepted);
    if (failure) CHECK(failure->status == 400);
  }
}

TEST_CASE("an account's tags stand above the request's metadata") {
  const auto gateway = make_gateway();
  exchange::ClientRequest request;
  REQUIRE(request.headers.add("authorization", "Bearer token-2").ok());
  REQUIRE(request.headers.add("x-tfy-metadata", R"({"environment":"prod","k":"v"})").ok());
  REQUIRE_FALSE(exchange::identify(*gateway->configuration(), {}, request).has_value());
  REQUIRE_FALSE(
      exchange::read_wishes(*gateway->configuration(), gateway->environment()->documents, request)
          .has_value());
  CHECK(request.metadata == model::Metadata{{"environment", "ci"}, {"k", "v"}});
}

TEST_CASE("the request's own metadata gives way to what is forced, and both to an account's tags") {
  struct Row {
    const char* name;
    const char* header;
    const char* forced;
    const char* tags;
    std::string value;
  };
  const Row rows[] = {
      {"nobody says anything", "", "", "", ""},
      {"the header", "header", "", "", "header"},
      {"what is forced, against the header", "header", "forced", "", "forced"},
      {"what is forced, alone", "", "forced", "", "forced"},
      {"tags, against the header", "header", "", "tag", "tag"},
      {"tags, against what is forced", "", "forced", "tag", "tag"},
      {"tags, against both", "header", "forced", "tag", "tag"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::string text =
        "type: virtual-account\nname: bot\ntokens: [{env: TOKEN_2}]\n" +
        (*row.tags == 0 ? std::string() : "tags: {k: " + std::string(row.tags) + "}\n") +
        "---\nname: forced\ntype: gateway-metadata-config\nrules:\n"
        "  - {id: other, when: {subjects: ['user:nobody']}, metadata_override: {k: wrong}}\n";
    if (*row.forced != 0) {
      text +=
          "  - {id: a, when: {subjects: ['virtualaccount:bot']}, metadata_override: {k: first}}\n"
          "  - {id: b, when: {subjects: ['*']}, metadata_override: {k: " +
          std::string(row.forced) + "}}\n";
    }
    const auto gateway = make_gateway(text);
    exchange::ClientRequest request;
    REQUIRE(request.headers.add("authorization", "Bearer token-2").ok());
    if (*row.header != 0) {
      const std::string metadata = R"({"k":")" + std::string(row.header) + R"(","own":"1"})";
      REQUIRE(request.headers.add("x-tfy-metadata", metadata).ok());
    }
    REQUIRE_FALSE(exchange::identify(*gateway->configuration(), {}, request).has_value());
    REQUIRE_FALSE(
        exchange::read_wishes(*gateway->configuration(), gateway->environment()->documents, request)
            .has_value());
    std::string value;
    bool own = false;
    for (const auto& [key, found] : request.metadata) {
      if (key == "k") value = found;
      own = own || key == "own";
    }
    CHECK(value == row.value);
    CHECK(own == (*row.header != 0));
  }
}

TEST_CASE("the configuration decides who may ask for bodies") {
  const auto gateway = make_gateway();
  config::Configuration configuration = *gateway->configuration();
  for (const bool asked : {false, true}) {
    for (const auto mode : {record::BodyLogging::kAlways, record::BodyLogging::kNever,
                            record::BodyLogging::kHeaderControlled}) {
      configuration.logging.bodies = mode;
      exchange::ClientRequest request;
      if (asked) {
        REQUIRE(request.headers.add("x-tfy-logging-config", R"({"enabled":true})").ok());
      }
      REQUIRE_FALSE(exchange::read_wishes(configuration, gateway->environment()->documents, request)
                        .has_value());
      const bool expected = mode == record::BodyLogging::kAlways ||
                            (mode == record::BodyLogging::kHeaderControlled && asked);
      CHECK(request.keep_bodies == expected);
    }
  }
}

}  // namespace
}  // namespace tollgate::test
