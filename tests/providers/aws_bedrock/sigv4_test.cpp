#include "providers/aws_bedrock/sigv4.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "support/catch.hpp"

namespace tollgate::providers::aws_bedrock {
namespace {

const Secret kSecret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
const Secret kNoToken;
// 2026-11-22T12:34:56Z.
const Time kNow{0, 1795350896000};

constexpr const char* kMessagesBody =
    R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":16,)"
    R"("messages":[{"role":"user","content":"hi"}]})";

struct Vector {
  const char* name;
  SignedCall call;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string session_token;
  const char* canonical_path;
  const char* canonical_query;
  const char* signed_headers;
  const char* signature;
};

// What @smithy/signature-v4 5.7.5 signed.
const std::vector<Vector>& vectors() {
  static const std::vector<Vector> kVectors = {
      {"invoke",
       {"POST", "bedrock-runtime.us-east-1.amazonaws.com",
        "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke", "", "us-east-1", "bedrock"},
       {{"accept", "application/json"}, {"content-type", "application/json"}},
       kMessagesBody,
       "",
       "/model/us.anthropic.claude-haiku-4-5-20251001-v1%253A0/invoke",
       "",
       "accept;content-type;host;x-amz-date",
       "48556749c4750e30d0a027e35cc884d9a891cc4d4452d50cbdd10a88773b3196"},
      {"a session token and an ARN",
       {"POST", "bedrock-runtime.us-east-1.amazonaws.com",
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile"
        "%2Fabcd1234efgh/invoke-with-response-stream",
        "", "us-east-1", "bedrock"},
       {{"content-type", "application/json"}},
       kMessagesBody,
       "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfF+"
       "/==",
       "/model/arn%253Aaws%253Abedrock%253Aus-east-1%253A123456789012%253Aapplication-inference-"
       "profile%252Fabcd1234efgh/invoke-with-response-stream",
       "",
       "content-type;host;x-amz-date;x-amz-security-token",
       "c2d75cfaaba86024dc6a563da5f1f2a4b0b0093e0d0571c65726d1786a1a12d8"},
      {"a query and no body",
       {"GET", "bedrock.us-east-1.amazonaws.com", "/inference-profiles",
        "type=SYSTEM_DEFINED&maxResults=1000&nextToken=a%2Bb%2Fc%3D%3D", "us-east-1", "bedrock"},
       {},
       "",
       "",
       "/inference-profiles",
       "maxResults=1000&nextToken=a%2Bb%2Fc%3D%3D&type=SYSTEM_DEFINED",
       "host;x-amz-date",
       "5be3b8d3a0f37413f17e2f28de105b50b04e041ae3e429eb1a371221b7fe41cf"},
      {"another region, a body in UTF-8",
       {"POST", "bedrock-runtime.eu-central-1.amazonaws.com",
        "/model/meta.llama3-3-70b-instruct-v1%3A0/converse", "", "eu-central-1", "bedrock"},
       {{"content-type", "application/json"}},
       R"({"messages":[{"role":"user","content":[{"text":"Grüße 🌍"}]}]})",
       "",
       "/model/meta.llama3-3-70b-instruct-v1%253A0/converse",
       "",
       "content-type;host;x-amz-date",
       "55c103fbb25b99abf81b43a45375b02251436f3d0f8e45b1d8066fa00ede7829"},
      {"another service",
       {"POST", "bedrock-mantle.us-east-1.api.aws", "/anthropic/v1/messages", "", "us-east-1",
        "bedrock-mantle"},
       {{"anthropic-version", "2023-06-01"}, {"content-type", "application/json"}},
       R"({"model":"anthropic.claude-opus-5-5","max_tokens":16,)"
       R"("messages":[{"role":"user","content":"hi"}]})",
       "",
       "/anthropic/v1/messages",
       "",
       "anthropic-version;content-type;host;x-amz-date",
       "a91d62799778d62b71172be9c08ba18c8d674d090640f6c774a140cf65e5ad32"},
      {"a raw colon and the body's hash",
       {"POST", "bedrock-runtime.us-east-1.amazonaws.com",
        "/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke", "", "us-east-1", "bedrock"},
       {{"accept", "application/json"},
        {"content-type", "application/json"},
        {"x-amz-content-sha256",
         "616eb59224eb795b641b4c541ad9ee8b939a1e8798f73b54fce66bb79ddbb992"}},
       kMessagesBody,
       "",
       "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke",
       "",
       "accept;content-type;host;x-amz-content-sha256;x-amz-date",
       "687d7425a7d6ae65946f466519ec30a32ca965525805e4ee2fe2ab4af07ecc98"},
  };
  return kVectors;
}

std::string signed_authorization(const Vector& row, const std::vector<tg_bytes>& spans) {
  wire::Headers headers;
  for (const auto& [name, value] : row.headers)
    REQUIRE(headers.add(name, value).ok());
  const Secret token(row.session_token);
  REQUIRE(sign({"AKIDEXAMPLE", kSecret, token}, row.call, spans.data(),
               static_cast<uint32_t>(spans.size()), kNow, headers)
              .ok());
  CHECK(headers.get("x-amz-date") == "20261122T123456Z");
  CHECK(headers.get("x-amz-security-token").value_or("") == row.session_token);
  return std::string(headers.get("authorization").value_or(""));
}

TEST_CASE("requests are signed as the vendor's library signs them", "[providers]") {
  for (const Vector& row : vectors()) {
    INFO(row.name);
    const std::string expected =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/" + std::string(row.call.region) + "/" +
        std::string(row.call.service) + "/aws4_request, SignedHeaders=" + row.signed_headers +
        ", Signature=" + row.signature;
    CHECK(canonical_path(row.call.path) == row.canonical_path);
    CHECK(canonical_query(row.call.query) == row.canonical_query);
    CHECK(signed_authorization(row, {bytes_of(row.body)}) == expected);
    // The same body in pieces, as the splice road has it.
    const std::string_view body = row.body;
    const size_t half = body.size() / 2;
    CHECK(signed_authorization(
              row, {bytes_of(body.substr(0, half)), bytes_of(body.substr(half))}) == expected);
  }
}

TEST_CASE("a canonical request reads as the algorithm has it", "[providers]") {
  wire::Headers headers;
  REQUIRE(headers.add("X-Amz-Date", "20261122T123456Z").ok());
  REQUIRE(headers.add("Content-Type", "application/json;  charset=utf-8").ok());
  REQUIRE(headers.add("User-Agent", "not signed").ok());
  REQUIRE(headers.add("x-amz-meta", "b").ok());
  REQUIRE(headers.add("X-Amz-Meta", "a").ok());
  const CanonicalRequest request =
      canonical_request({"POST", "host.example", "/", "b=2&a=%7e&a=1&c", "r", "s"}, headers, "abc");
  CHECK(request.signed_headers == "content-type;host;x-amz-date;x-amz-meta");
  CHECK(request.text ==
        "POST\n/\na=1&a=~&b=2&c=\n"
        "content-type:application/json; charset=utf-8\nhost:host.example\n"
        "x-amz-date:20261122T123456Z\nx-amz-meta:b,a\n\n"
        "content-type;host;x-amz-date;x-amz-meta\nabc");
}

TEST_CASE("paths are made canonical", "[providers]") {
  struct Row {
    const char* path;
    const char* canonical;
  };
  const Row rows[] = {
      {"", "/"},
      {"/", "/"},
      {"/a/./b", "/a/b"},
      {"/a/../b", "/b"},
      {"/a/b/", "/a/b/"},
      {"//a//b", "/a/b"},
      {"/../a", "/a"},
      {"/a b", "/a%20b"},
      {"/a%20b", "/a%2520b"},
      {"/a/..", "/"},
      {"/a~b-c_d.e", "/a~b-c_d.e"},
  };
  for (const Row& row : rows) {
    INFO(row.path);
    CHECK(canonical_path(row.path) == row.canonical);
  }
}

TEST_CASE("a date is told as AWS tells it", "[providers]") {
  CHECK(amz_date(0) == "19700101T000000Z");
  CHECK(amz_date(kNow.wall_ms + 999) == "20261122T123456Z");
}

}  // namespace
}  // namespace tollgate::providers::aws_bedrock
