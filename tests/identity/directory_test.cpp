#include "identity/directory.hpp"

#include "support/catch.hpp"

namespace tollgate::identity {
namespace {

constexpr Time kNow{0, 1'000};

Token token(std::string_view text, std::optional<int64_t> expires_ms = std::nullopt) {
  return {sha256(text).value(), expires_ms, std::string(shown_prefix(text))};
}

Directory people() {
  const std::vector<User> users = {{"dev-1@corp.example", {token("dev-1"), token("dev-1-second")}},
                                   {"dev-2@corp.example", {token("dev-2", 1'001)}},
                                   {"gone@corp.example", {token("gone", 1'000)}}};
  const std::vector<Team> teams = {
      {"platform", {"dev-1@corp.example"}, {"dev-1@corp.example", "dev-2@corp.example"}},
      {"ghosts", {"nobody@corp.example", "ci-bot"}, {}}};
  const std::vector<VirtualAccount> accounts = {{"ci-bot", {{"environment", "ci"}}, {token("ci")}}};
  return Directory::build(users, teams, accounts).value();
}

struct TokenCase {
  const char* name;
  std::string_view token;
  Verdict verdict;
  const char* who;
};

const TokenCase kTokens[] = {
    {"a user's token", "dev-1", Verdict::kAccepted, "dev-1@corp.example"},
    {"the same user's other token", "dev-1-second", Verdict::kAccepted, "dev-1@corp.example"},
    {"a token in its last millisecond", "dev-2", Verdict::kAccepted, "dev-2@corp.example"},
    {"a token at its expiry", "gone", Verdict::kExpired, nullptr},
    {"a virtual account's token", "ci", Verdict::kAccepted, "ci-bot"},
    {"a token nobody has", "dev-3", Verdict::kUnknown, nullptr},
    {"the beginning of a token", "dev-", Verdict::kUnknown, nullptr},
    {"no token", "", Verdict::kUnknown, nullptr},
};

TEST_CASE("a credential finds its principal") {
  const Directory directory = people();
  CHECK(directory.principal_count() == 4);
  CHECK(directory.token_count() == 5);
  for (const TokenCase& row : kTokens) {
    CAPTURE(row.name);
    const Authentication found = directory.authenticate(row.token, kNow);
    CHECK(found.verdict == row.verdict);
    REQUIRE((found.principal != nullptr) == (row.who != nullptr));
    if (row.who != nullptr) CHECK(found.principal->name == row.who);
  }
}

TEST_CASE("support sees how a token begins, never what it is") {
  const std::string made = "tg_" + std::string(43, 'x');
  CHECK(shown_prefix(made) == "tg_xxxxx");
  CHECK(shown_prefix("hunter2") == "h");
  CHECK(shown_prefix("abc").empty());
  const Directory directory = people();
  CHECK(directory.authenticate("dev-1-second", kNow).token_prefix == "dev");
  const Authentication expired = directory.authenticate("gone", kNow);
  CHECK(expired.token_prefix == "g");
  CHECK(expired.expired_ms == 1'000);
  CHECK(directory.authenticate("dev-3", kNow).token_prefix.empty());
}

TEST_CASE("the hash of a token is no credential") {
  const Directory directory = people();
  const std::string hex = to_hex(sha256("dev-1").value());
  CHECK(directory.authenticate(hex, kNow).verdict == Verdict::kUnknown);
}

TEST_CASE("users are in everyone and in their teams once, virtual accounts in none") {
  const Directory directory = people();
  using Names = std::vector<std::string>;
  CHECK(directory.authenticate("dev-1", kNow).principal->teams == Names{"everyone", "platform"});
  CHECK(directory.authenticate("dev-2", kNow).principal->teams == Names{"everyone", "platform"});
  const model::Principal* bot = directory.authenticate("ci", kNow).principal;
  CHECK(bot->teams.empty());
  CHECK(bot->kind == model::PrincipalKind::kVirtualAccount);
  CHECK(bot->tags == model::Metadata{{"environment", "ci"}});
}

TEST_CASE("a principal stays where it is when the directory moves") {
  Directory directory = people();
  const model::Principal* before = directory.authenticate("ci", kNow).principal;
  const Directory moved = std::move(directory);
  CHECK(moved.authenticate("ci", kNow).principal == before);
}

TEST_CASE("one token cannot belong to two") {
  const Result<Directory> two =
      Directory::build({{"a@corp.example", {token("same")}}}, {}, {{"bot", {}, {token("same")}}});
  REQUIRE_FALSE(two.ok());
  CHECK(two.status().code() == Code::kInvalid);
  CHECK(two.status().message() ==
        "user a@corp.example and virtual account bot hold the same token");
  const Result<Directory> twice =
      Directory::build({{"a@corp.example", {token("same"), token("same")}}}, {}, {});
  REQUIRE_FALSE(twice.ok());
  CHECK(twice.status().message() == "user a@corp.example holds the same token twice");
}

TEST_CASE("an empty directory knows nobody") {
  const Directory directory = Directory::build({}, {}, {}).value();
  CHECK(directory.empty());
  CHECK(directory.authenticate("any", kNow).verdict == Verdict::kUnknown);
}

}  // namespace
}  // namespace tollgate::identity
