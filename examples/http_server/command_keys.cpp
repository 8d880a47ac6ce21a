#include <algorithm>

#include "commands.hpp"

namespace tollgate::server {

namespace {

constexpr std::string_view kHelp =
    "usage: tollgate keys new [--prefix tg]\n"
    "\n"
    "Makes a gateway token. The token is printed once and stored nowhere: give it to its owner, "
    "and\n"
    "put the hash into the configuration of the user or virtual account it belongs to.\n";

bool is_prefix(std::string_view prefix) {
  return !prefix.empty() && prefix.size() <= 32 &&
         std::all_of(prefix.begin(), prefix.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

}  // namespace

int command_keys(const Words& words) {
  int exit_code = 0;
  const auto options = parse_command(words, {{"--prefix"}}, kHelp, 1, exit_code);
  if (!options) return exit_code;
  if (options->words() != Words{"new"}) return wrong_use("say \"tollgate keys new\"");
  const std::string prefix = options->value("--prefix", "tg");
  if (!is_prefix(prefix)) return wrong_use("--prefix is up to 32 letters, digits, - and _");

  const std::string token = random_token(prefix);
  char hash[TG_TOKEN_HASH_SIZE];
  if (tg_token_hash(to_bytes(token), hash) != TG_OK) {
    print_error("tollgate: the crypto library refuses to hash\n");
    return kExitFailed;
  }
  // What support may see of it: its prefix, and five letters of 43.
  const std::string shown = token.substr(0, prefix.size() + 1 + 5);
  print("token:  " + token + "\nsha256: " + hash +
        "\n\nThe token is shown this once. In the configuration of its owner:\n\n"
        "  tokens: [{sha256: \"" +
        hash + "\", prefix: \"" + shown + "\"}]\n");
  return kExitOk;
}

}  // namespace tollgate::server
