#include <deque>
#include <optional>
#include <utility>

#include "commands.hpp"
#include "json.hpp"
#include "limits.hpp"

namespace tollgate::server {

namespace {

constexpr std::string_view kHelp =
    "usage: tollgate explain --request FILE|- [--config FILE] [--header 'NAME: VALUE']...\n"
    "                        [--path PATH] [--at TIME] [--seed N] [--repeat N] [--json]\n"
    "\n"
    "Says what would happen to a request with this body, without sending it. Nothing is known of\n"
    "requests before it: no conversation, no failure, nothing spent.\n"
    "\n"
    "  --config FILE  the configuration (default: tollgate.yaml)\n"
    "  --request FILE the request's body, - for stdin\n"
    "  --header       a header of the request, such as 'authorization: Bearer TOKEN'\n"
    "  --path PATH    where it is posted to: /v1/messages, /v1/chat/completions or /v1/responses\n"
    "                 (default: as the body looks)\n"
    "  --at TIME      decide as at this time, as 2026-11-22T09:00:00Z (default: now)\n"
    "  --seed N       draw from this seed; 0 (the default) draws as a gateway does\n"
    "  --repeat N     decide N times (1 to 1000000), each for another conversation, and count the "
    "targets\n"
    "  --json         print the decision as JSON\n"
    "\n"
    "Exit code 0 when the request is allowed; 1 when it is denied, or a file cannot be read or "
    "has\n"
    "errors; 2 for wrong use.\n";

struct Headers {
  std::deque<std::string> texts;  ///< Stay where they are: the pairs point at them.
  std::vector<tg_bytes> pairs;

  void add(std::string name, std::string value) {
    pairs.push_back(to_bytes(texts.emplace_back(std::move(name))));
    pairs.push_back(to_bytes(texts.emplace_back(std::move(value))));
  }
};

bool read_headers(const std::vector<std::string>& given, Headers& headers) {
  for (const std::string& text : given) {
    const size_t colon = text.find(':');
    if (colon == 0 || colon == std::string::npos) return false;
    const size_t value = text.find_first_not_of(" \t", colon + 1);
    headers.add(text.substr(0, colon), value == std::string::npos ? "" : text.substr(value));
  }
  return true;
}

/// The decision's JSON, or nothing after a message.
std::optional<std::string> explain(const tg_gateway* gateway, const Headers& headers,
                                   const std::string& request, tg_time at, uint64_t seed,
                                   uint32_t repeat) {
  tg_policy* created = nullptr;
  tg_error* failed = nullptr;
  tg_text* made = nullptr;
  tg_status status = tg_policy_create(gateway, &created, &failed);
  const Owned<tg_policy> policy(created);
  if (status == TG_OK) {
    status = tg_policy_explain_draws(created, headers.pairs.data(),
                                     static_cast<uint32_t>(headers.pairs.size() / 2),
                                     to_bytes(request), at, seed, repeat, &made, &failed);
  }
  const Owned<tg_text> decision(made);
  const Owned<tg_error> error(failed);
  if (status != TG_OK) {
    print_error("tollgate: " + std::string(message_of(failed)) + "\n");
    return std::nullopt;
  }
  return std::string(to_view(tg_text_bytes(made)));
}

std::string as_text(JsonValue top) {
  std::string out = top.member("allowed").boolean() ? "allowed" : "denied";
  const std::string_view principal = top.member("principal").text();
  if (!principal.empty()) out += " for " + std::string(principal);
  out += '\n';
  const JsonValue denial = top.member("denial");
  if (denial.is(JsonValue::Kind::kObject)) {
    out += "  " + std::to_string(denial.member("status").integer()) + " " +
           std::string(denial.member("type").text()) + ": " +
           std::string(denial.member("message").text()) + '\n';
  }
  top.member("candidates").each_item([&](JsonValue candidate) {
    out += "  " + std::string(candidate.member("target").text()) + ": " +
           std::string(candidate.member("verdict").text());
    const std::string_view reason = candidate.member("reason").text();
    if (!reason.empty()) out += " (" + std::string(reason) + ")";
    out += '\n';
  });
  top.member("distribution").each_member([&](std::string_view target, JsonValue count) {
    out += "  goes to " + std::string(target) + ": " + std::to_string(count.integer()) + '\n';
  });
  const JsonValue bound = top.member("cost_bound");
  if (bound.is(JsonValue::Kind::kNumber)) {
    out += "  may cost up to " + bound.json() + " USD\n";
  }
  top.member("reservations").each_item([&](JsonValue one) {
    const std::string_view entity = one.member("entity").text();
    out += "  " + std::string(one.member("kind").text()) + " " +
           std::string(one.member("rule").text()) +
           (entity.empty() ? std::string() : " of " + std::string(entity)) + ", " +
           std::string(one.member("limit_name").text()) + ": needs " + one.member("need").json() +
           ", " + one.member("spent").json() + " of " + one.member("limit").json() + " spent" +
           (one.member("fits").boolean() ? "" : ", does not fit") + '\n';
  });
  top.member("notes").each_item([&](JsonValue note) {
    out +=
        "  note: " + (note.is(JsonValue::Kind::kString) ? std::string(note.text()) : note.json()) +
        '\n';
  });
  return out;
}

}  // namespace

int command_explain(const Words& words) {
  int exit_code = 0;
  const auto options = parse_command(words,
                                     {{"--config"},
                                      {"--request"},
                                      {"--header", true, true},
                                      {"--path"},
                                      {"--at"},
                                      {"--seed"},
                                      {"--repeat"},
                                      {"--json", false}},
                                     kHelp, 0, exit_code);
  if (!options) return exit_code;
  if (!options->has("--request")) return wrong_use("--request is missing");
  Headers headers;
  if (!read_headers(options->values("--header"), headers)) {
    return wrong_use("--header is 'NAME: VALUE'");
  }
  if (options->has("--path")) headers.add(":path", options->value("--path"));
  const auto seed = parse_number(options->value("--seed", "0"));
  if (!seed) return wrong_use("--seed is a number");
  const auto repeat = parse_number(options->value("--repeat", "1"));
  if (!repeat || *repeat < 1 || *repeat > 1'000'000) {
    return wrong_use("--repeat is a number from 1 to 1000000");
  }
  tg_time at = now();
  if (options->has("--at")) {
    const auto wall_ms = parse_time(options->value("--at"));
    if (!wall_ms) return wrong_use("--at is a time such as 2026-11-22T09:00:00Z");
    at.wall_ms = *wall_ms;
  }

  const std::string request_file = options->value("--request");
  std::string reason;
  const auto request = read_file(request_file == "-" ? "/dev/stdin" : request_file,
                                 limits::kRequestFileBytesMax, reason);
  if (!request) {
    print_error("tollgate: " + request_file + ": " + reason + "\n");
    return kExitFailed;
  }
  LoadedGateway loaded;
  if (!load_gateway(options->value("--config", "tollgate.yaml"), at, &*seed, loaded)) {
    return kExitFailed;
  }
  const auto decision =
      explain(loaded.gateway.get(), headers, *request, at, *seed, static_cast<uint32_t>(*repeat));
  if (!decision) return kExitFailed;
  JsonDocument document;
  const JsonValue top = document.parse(*decision);
  print(options->has("--json") ? *decision + "\n" : as_text(top));
  return top.member("allowed").boolean() ? kExitOk : kExitFailed;
}

}  // namespace tollgate::server
