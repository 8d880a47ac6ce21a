#include "usage_table.hpp"

#include "support/catch.hpp"

using tollgate::server::UsageTable;

namespace {

/// Three requests of two people, one of them in two teams, and lines that do not count.
UsageTable filled(std::vector<std::string> dimensions, std::string from = {}, std::string to = {}) {
  auto table = UsageTable::by(std::move(dimensions));
  REQUIRE(table);
  table->set_span(std::move(from), std::move(to));
  const char* lines[] = {
      R"({"time":"2026-11-21T23:59:59.999Z","operation":"messages","principal":"user:ann","teams":["everyone","a","b"],"model":"opus","target":"eng/opus","outcome":"ok","metadata":{"project":"x"},"usage":{"input_tokens":10,"output_tokens":2,"cache_read_input_tokens":7,"cache_creation_5m":1,"cache_creation_1h":2},"cost_nano_usd":1500000000})",
      R"({"time":"2026-11-22T00:00:00.000Z","operation":"openai_chat","principal":"user:ann","teams":["everyone","a","b"],"model":"haiku","target":"eng/haiku","outcome":"ok","metadata":{},"usage":{"input_tokens":1,"output_tokens":1},"cost_nano_usd":1})",
      R"({"time":"2026-11-22T10:00:00.000Z","operation":"messages","principal":"user:bob","teams":["everyone"],"model":"opus","target":"","outcome":"refused","metadata":{},"usage":null,"cost_nano_usd":null})",
      R"({"time":"2026-11-22T10:00:00.000Z","operation":"count_tokens","principal":"user:bob","outcome":"ok"})",
      "",
      "{\"half a li"};
  for (const char* line : lines)
    CHECK(table->add_line(line));
  CHECK(table->bad_lines() == 1);
  return std::move(*table);
}

TEST_CASE("dimensions are known ones, each once") {
  CHECK(UsageTable::by({}));
  CHECK(UsageTable::by({"user", "metadata.project", "day"}));
  CHECK_FALSE(UsageTable::by({"cost"}));
  CHECK_FALSE(UsageTable::by({"metadata."}));
  CHECK_FALSE(UsageTable::by({"team", "team"}));
}

TEST_CASE("without dimensions there is a total, of what generates") {
  CHECK(filled({}).to_text() ==
        "requests  refused  input_tokens  cache_read_tokens  cache_write_tokens  output_tokens     "
        "cost_usd\n"
        "       3        1            11                  7                   3              3  "
        "1.500000001\n");
}

TEST_CASE("rows are told apart and sorted") {
  CHECK(filled({"user", "account"}).to_csv() ==
        "user,account,requests,refused,input_tokens,cache_read_tokens,cache_write_tokens,output_"
        "tokens,cost_usd\r\n"
        "user:ann,eng,2,0,11,7,3,3,1.500000001\r\n"
        "user:bob,,1,1,0,0,0,0,0.000000000\r\n");
  CHECK(filled({"metadata.project"}).to_csv().find("\r\nx,1,0,10,") != std::string::npos);
  CHECK(filled({"day"}).to_csv().find("\r\n2026-11-22,2,1,1,0,0,1,0.000000001\r\n") !=
        std::string::npos);
}

TEST_CASE("who is in several teams is in the row of each, and once in the total") {
  const std::string told = filled({"team"}).to_json();
  CHECK(told.find(R"({"team":"a","requests":2)") != std::string::npos);
  CHECK(told.find(R"({"team":"b","requests":2)") != std::string::npos);
  CHECK(told.find(R"({"team":"","requests":1)") != std::string::npos);
  CHECK(told.find(R"("total":{"requests":3)") != std::string::npos);
}

TEST_CASE("a span begins at its first moment and ends before its last") {
  CHECK(filled({}, "2026-11-22").to_json().find(R"("requests":2)") != std::string::npos);
  CHECK(filled({}, "", "2026-11-22").to_json().find(R"("requests":1)") != std::string::npos);
  CHECK(
      filled({}, "2026-11-22T00:00:00", "2026-11-22T10:00:00").to_json().find(R"("requests":1)") !=
      std::string::npos);
}

TEST_CASE("a name that a spreadsheet would run is a text") {
  auto table = UsageTable::by({"user"});
  CHECK(table->add_line(
      R"({"time":"2026-11-22T00:00:00.000Z","operation":"messages","principal":"=1+\"a\",b"})"));
  CHECK(table->to_csv().find("\r\n\"'=1+\"\"a\"\",b\",1,") != std::string::npos);
}

}  // namespace
