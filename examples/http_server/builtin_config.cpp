#include "builtin_config.hpp"

namespace tollgate::server {

namespace {

std::string user(const std::string& token_hash) {
  return "---\n"
         "type: user\n"
         "name: local\n"
         "tokens: [{sha256: \"" +
         token_hash + "\"}]\n";
}

}  // namespace

std::string anthropic_config(const std::string& token_hash) {
  return "type: tollgate-server\n"
         "---\n"
         "type: provider-account/anthropic\n"
         "name: anthropic\n"
         "auth_data: {type: api-key, api_key: \"${ANTHROPIC_API_KEY}\"}\n"
         "integrations:\n"
         "  - {name: \"*\", model_id: \"*\", type: integration/model/anthropic, model_types: "
         "[chat]}\n" +
         user(token_hash);
}

std::string demo_config(const std::string& token_hash, int provider_port) {
  return "type: tollgate-server\n"
         "---\n"
         "type: provider-account/anthropic\n"
         "name: demo\n"
         "base_url: http://127.0.0.1:" +
         std::to_string(provider_port) +
         "\n"
         "auth_data: {type: api-key, api_key: demo}\n"
         "integrations:\n"
         "  - {name: " +
         kDemoModel + ", model_id: " + kDemoModel +
         ", type: integration/model/anthropic, model_types: [chat]}\n"
         "  - {name: \"*\", model_id: \"*\", type: integration/model/anthropic, model_types: "
         "[chat]}\n" +
         user(token_hash);
}

}  // namespace tollgate::server
