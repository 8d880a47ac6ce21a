#include "config/document_types.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

const FakeHost kHost{{{"TOKEN", "tg-planted"}, {"EMPTY", ""}}, {}};
constexpr const char* kHex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

TEST_CASE("tokens expire when they say") {
  const LoadResult result =
      load_text("type: user\nname: a@b.c\ntokens:\n  - {sha256: " + std::string(kHex) +
                ", expires: 2026-11-23}\n");
  REQUIRE(result.configuration);
  const identity::Directory& directory = result.configuration->directory;
  CHECK(directory.authenticate("test", kTestNow).verdict == identity::Verdict::kAccepted);
  Time later = kTestNow;
  REQUIRE(parse_rfc3339("2026-11-23T00:00:00Z", later.wall_ms));
  CHECK(directory.authenticate("test", later).verdict == identity::Verdict::kExpired);
}

TEST_CASE("a variable's value is hashed, not kept") {
  const LoadResult result =
      load_text("type: virtual-account\nname: bot\ntokens: [{env: TOKEN}]\n", kHost);
  REQUIRE(result.configuration);
  const identity::Authentication who =
      result.configuration->directory.authenticate("tg-planted", kTestNow);
  REQUIRE(who.principal != nullptr);
  CHECK(who.principal->kind == model::PrincipalKind::kVirtualAccount);
}

TEST_CASE("a token is known by how it begins, and by no more") {
  const FakeHost host{
      {{"LONG", "tg_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"}, {"SHORT", "hunter2"}}, {}};
  const LoadResult result =
      load_text("type: user\nname: a\ntokens:\n  - {sha256: " + std::string(kHex) +
                    ", prefix: tg_AbC}\n  - {env: LONG, expires: 2026-11-23}\n  - {env: SHORT}\n",
                host);
  REQUIRE(result.configuration);
  const identity::Directory& directory = result.configuration->directory;
  CHECK(directory.authenticate("test", kTestNow).token_prefix == "tg_AbC");
  CHECK(directory.authenticate("hunter2", kTestNow).token_prefix == "h");
  Time later = kTestNow;
  REQUIRE(parse_rfc3339("2026-11-24T00:00:00Z", later.wall_ms));
  const identity::Authentication expired =
      directory.authenticate("tg_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", later);
  CHECK(expired.verdict == identity::Verdict::kExpired);
  CHECK(expired.principal == nullptr);
  CHECK(expired.token_prefix == "tg_01234");
  CHECK(format_rfc3339(expired.expired_ms) == "2026-11-23T00:00:00.000Z");
}

TEST_CASE("a token is rotated with a time in which both work") {
  const LoadResult result = load_text(
      "type: virtual-account\nname: bot\ntags: {environment: ci}\ntokens:\n  - {sha256: " +
          std::string(kHex) + ", expires: 2026-11-23}\n  - {env: TOKEN}\n",
      kHost);
  REQUIRE(result.configuration);
  const identity::Directory& directory = result.configuration->directory;
  Time later = kTestNow;
  REQUIRE(parse_rfc3339("2026-11-23T00:00:00Z", later.wall_ms));
  CHECK(directory.authenticate("test", kTestNow).verdict == identity::Verdict::kAccepted);
  CHECK(directory.authenticate("tg-planted", kTestNow).principal ==
        directory.authenticate("test", kTestNow).principal);
  CHECK(directory.authenticate("test", later).verdict == identity::Verdict::kExpired);
  CHECK(directory.authenticate("tg-planted", later).verdict == identity::Verdict::kAccepted);
}

const FindingCase kFaults[] = {
    {"an unset variable", "type: user\nname: a\ntokens: [{env: NOPE}]\n",
     "t.yaml:3:16: tokens[0].env: the environment variable NOPE is not set\n"},
    {"an empty variable", "type: user\nname: a\ntokens: [{env: EMPTY}]\n",
     "t.yaml:3:16: tokens[0].env: the environment variable EMPTY is empty\n"},
    {"a token where a name belongs", "type: user\nname: a\ntokens: [{env: tg-planted}]\n",
     "t.yaml:3:16: tokens[0].env: must be the name of an environment variable: letters, digits and "
     "_\n"},
    {"a token in the text", "type: user\nname: a\ntokens: [tg-planted]\n",
     "t.yaml:3:10: tokens[0]: must be a mapping, found is a string\n"},
    {"a token as hash", "type: user\nname: a\ntokens: [{sha256: tg-planted}]\n",
     "t.yaml:3:19: tokens[0].sha256: must be the 64 hexadecimal digits of a token's SHA-256\n"},
    {"both", "type: user\nname: a\ntokens: [{sha256: tg-planted, env: TOKEN}]\n",
     "t.yaml:3:10: tokens[0]: must have one of sha256 and env\n"},
    {"neither", "type: user\nname: a\ntokens: [{}]\n",
     "t.yaml:3:10: tokens[0]: must have one of sha256 and env\n"},
    {"another key", "type: user\nname: a\ntokens: [{value: tg-planted, tg-planted: 1}]\n",
     "t.yaml:3:10: tokens[0]: must have one of sha256 and env\n"
     "t.yaml:3:11: tokens[0]: unknown key; known here are prefix, sha256, env, expires\n"
     "t.yaml:3:30: tokens[0]: unknown key; known here are prefix, sha256, env, expires\n"},
    {"an expiry in words", "type: user\nname: a\ntokens: [{env: TOKEN, expires: soon}]\n",
     "t.yaml:3:32: tokens[0].expires: must be a date as 2026-12-31 or 2026-12-31T18:00:00Z\n"},
    {"an expired token", "type: user\nname: a\ntokens: [{env: TOKEN, expires: 2026-11-22}]\n",
     "t.yaml:3:32: tokens[0].expires: warning: this token expired at 2026-11-22T00:00:00.000Z\n"},
    {"tokens that are no list", "type: user\nname: a\ntokens: {env: TOKEN}\n",
     "t.yaml:3:9: tokens: must be a list, found is a mapping\n"},
    {"no name", "type: user\n", "t.yaml:1:1: name: is required\n"},
    {"a name with a space", "type: user\nname: Jane Doe\n",
     "t.yaml:2:7: name: must be 1 to 256 characters without spaces\n"},
    {"the built-in team", "type: team\nname: everyone\n",
     "t.yaml:2:7: name: the team everyone is built in: it holds all users\n"},
    {"tags of a team", "type: team\nname: a\ntags: {b: c}\n",
     "t.yaml:3:7: tags: warning: tags of a team have no effect in this version\n"},
    {"members from an identity provider",
     "type: team\nname: a\nidentity_provider_mapping: [{identity_provider: b, value: c}]\n",
     "t.yaml:3:29: identity_provider_mapping[0]: no identity-provider document has the name "
     "\"b\"\n"},
    {"permissions",
     "type: virtual-account\nname: bot\npermissions: [{resource_fqn: a, resource_type: b, role_id: "
     "c}]\n",
     "t.yaml:3:14: permissions: warning: permissions have no effect in this version: who may call "
     "is decided by the accounts' collaborators and authorized_subjects alone\n"},
    {"rotation by the platform",
     "type: virtual-account\nname: bot\nauto_rotate: {grace_period: 30}\n",
     "t.yaml:3:14: auto_rotate: warning: has no effect in this version: tokens are made by "
     "\"tollgate keys new\" and listed in tokens, an old one with the date it expires on\n"},
    {"a prefix that may be the token",
     "type: user\nname: a\ntokens:\n"
     "  - {env: TOKEN, prefix: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\n",
     "t.yaml:4:26: tokens[0].prefix: must be the token's first characters, at most 40, as they are "
     "printed beside its hash\n"},
    {"a tag that is no string", "type: virtual-account\nname: bot\ntags: {cost_center: 4410}\n",
     "t.yaml:3:21: tags.cost_center: must be a string (put it in quotes), found is a number\n"},
    {"a tag twice", "type: virtual-account\nname: bot\ntags: {a: b, a: c}\n",
     "t.yaml:3:14: tags.a: this key stands here twice\n"},
};

TEST_CASE("faulty people are reported where they stand, and no token is quoted") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    const std::string found = findings_of(load_text(row.text, kHost));
    CHECK(found == row.findings);
    CHECK(found.find("tg-planted") == std::string::npos);
  }
}

TEST_CASE("tags are bounded as request metadata is") {
  const std::string head = "type: virtual-account\nname: bot\ntags:\n";
  CHECK(findings_of(load_text(head + "  a: " + std::string(128, 'x') + "\n")).empty());
  CHECK(findings_of(load_text(head + "  a: " + std::string(129, 'x') + "\n")) ==
        "t.yaml:4:6: tags.a: tags have keys without spaces and values of at most 128 bytes\n");
  std::string many = head;
  for (int i = 0; i < 65; ++i)
    many += "  k" + std::to_string(i) + ": v\n";
  CHECK(findings_of(load_text(many)) == "t.yaml:4:3: tags: more than 64 tags\n");
}

}  // namespace
}  // namespace tollgate::config
