#pragma once

// The configurations that `serve` makes itself when there is no file.

#include <string>

namespace tollgate::server {

/// One Anthropic account with the key of ANTHROPIC_API_KEY, any model, one user.
std::string anthropic_config(const std::string& token_hash);

/// One account at the built-in demo provider, any model, one user.
std::string demo_config(const std::string& token_hash, int provider_port);

inline constexpr const char* kDemoModel = "claude-demo";

}  // namespace tollgate::server
