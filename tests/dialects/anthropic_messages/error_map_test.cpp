#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/same_json.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::FailureKind;

const std::string kHtml =
    "\r\n<!DOCTYPE html><html><head><TITLE>502 Bad\n Gateway</TITLE></head><body>" +
    std::string(5000, 'x') + "</body></html>";

struct DecodeCase {
  const char* name;
  uint32_t status;
  std::string body;
  FailureKind kind;
  std::string message;
};

const DecodeCase kDecodeCases[] = {
    {"this dialect", 529,
     R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
     FailureKind::kOverloaded, "Overloaded"},
    {"the type decides, the status stays", 429,
     R"({"type":"error","error":{"type":"billing_error","message":"m"}})", FailureKind::kBilling,
     "m"},
    {"an unknown type: the status decides", 403, R"({"error":{"type":"new","message":"m"}})",
     FailureKind::kPermission, "m"},
    {"the message of another shape", 400, R"({"message":"bad"})", FailureKind::kInvalidRequest,
     "bad"},
    {"an error that is a text", 500, R"({"error":"down"})", FailureKind::kApi, "down"},
    {"json without a message", 503, R"({"a":1})", FailureKind::kApi,
     "The upstream answered 503 with JSON that tells no error"},
    {"cut json", 503, R"({"error":{"message":"x)", FailureKind::kApi,
     "The upstream answered 503 with JSON that tells no error"},
    {"plain text on one line", 502, " upstream\r\n connect \x01 error ", FailureKind::kApi,
     "The upstream answered 502: upstream connect error"},
    {"nothing", 504, "", FailureKind::kTimeout, "The upstream answered 504 without a body"},
    {"white space", 408, " \n", FailureKind::kTimeout, "The upstream answered 408 without a body"},
    {"html", 502, kHtml, FailureKind::kApi,
     "The upstream answered 502 with an HTML page (502 Bad Gateway)"},
    {"html without a title", 404, "<p>no</p>", FailureKind::kNotFound,
     "The upstream answered 404 with an HTML page"},
    {"html with a long title", 500, "<title>" + std::string(300, 't'), FailureKind::kApi,
     "The upstream answered 500 with an HTML page (" + std::string(100, 't') + "…)"},
    {"another 4xx", 418, "teapot", FailureKind::kInvalidRequest,
     "The upstream answered 418: teapot"},
};

TEST_CASE("upstream errors are read, whatever came") {
  for (const DecodeCase& row : kDecodeCases) {
    INFO(row.name);
    const model::Failure failure = dialect().decode_error(row.status, {}, row.body);
    CHECK(failure.status == row.status);
    CHECK(failure.kind == row.kind);
    CHECK(failure.message == row.message);
    CHECK_FALSE(failure.retry_after_s.has_value());
    CHECK_FALSE(failure.should_retry.has_value());
  }
}

TEST_CASE("a long text is cut at a character's border") {
  std::string text = "x";
  while (text.size() < 2000)
    text += "\xE2\x82\xAC";
  const model::Failure failure = dialect().decode_error(500, {}, text);
  CHECK(failure.message.size() < 560);
  json::Document document;
  std::string out;
  dialect().encode_error(failure, "", out);
  CHECK(out.find("\xEF\xBF\xBD") == std::string::npos);
  CHECK(document.parse(out).ok());
}

struct RetryCase {
  const char* name;
  const char* value;
  std::optional<int64_t> seconds;
  std::optional<bool> retry;
};

const RetryCase kRetryCases[] = {
    {"retry-after", "3600", 3600, {}},
    {"retry-after", "Wed, 21 Oct 2026 07:28:00 GMT", {}, {}},
    {"retry-after", "-5", {}, {}},
    {"retry-after", "1.5", 2, {}},
    {"Retry-After-Ms", "1", 1, {}},
    {"retry-after-ms", "2000", 2, {}},
    {"retry-after-ms", "99999999999999999999", {}, {}},
    {"X-Should-Retry", "true", {}, true},
    {"x-should-retry", "false", {}, false},
    {"x-should-retry", "maybe", {}, {}},
};

TEST_CASE("headers say whether and when to try again") {
  for (const RetryCase& row : kRetryCases) {
    INFO(row.name << ": " << row.value);
    wire::Headers headers;
    REQUIRE(headers.add(row.name, row.value).ok());
    const model::Failure failure = dialect().decode_error(429, headers, "x");
    CHECK(failure.retry_after_s == row.seconds);
    CHECK(failure.should_retry == row.retry);
  }
}

TEST_CASE("errors are written as this dialect does") {
  model::Failure failure;
  failure.kind = FailureKind::kBilling;
  failure.message = "Budget \"dev\" is used up\nresets 2026-11-23";
  std::string body;
  dialect().encode_error(failure, "req_1", body);
  CHECK(test::json_difference(body, R"({"type":"error","error":{"type":"billing_error",
      "message":"Budget \"dev\" is used up\nresets 2026-11-23"},"request_id":"req_1"})")
            .empty());
  std::string event;
  dialect().encode_stream_error(failure, "req_1", event);
  CHECK(event == "event: error\ndata: " + body + "\n\n");
  std::string bare;
  dialect().encode_error(failure, "", bare);
  CHECK(bare.find("request_id") == std::string::npos);
}

TEST_CASE("recorded errors survive the way through the model") {
  for (const auto& path : test::recordings("anthropic", ".json")) {
    const std::string name = path.filename().string();
    if (!name.starts_with("error-") || name.ends_with("meta.json")) continue;
    INFO(name);
    const auto status = static_cast<uint32_t>(std::stoul(name.substr(6, 3)));
    const std::string body = test::read_file(path);
    const model::Failure failure = dialect().decode_error(status, {}, body);
    CHECK(failure.status == status);
    std::string out;
    dialect().encode_error(failure, "", out);
    json::Document first;
    json::Document second;
    const auto before = first.parse(body);
    const auto after = second.parse(out);
    REQUIRE((before.ok() && after.ok()));
    CHECK(after.value()["error"]["type"].string() == before.value()["error"]["type"].string());
    CHECK(after.value()["error"]["message"].string() ==
          before.value()["error"]["message"].string());
  }
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
