#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "config/load.hpp"
#include "config/report.hpp"

namespace tollgate::config {

/// True for what an environment variable may be called here.
bool is_variable_name(std::string_view name);

/// Puts what each "${NAME}" stands for into `raw`; "$${" stands for "${". Reports a variable that
/// is not set by its name; values are in no message.
std::optional<std::string> replace_references(std::string_view raw, const Place& place,
                                              const Lookup& lookup, Report& report);

/// Where a secret will stand.
enum class SecretForm : uint8_t {
  kHeader,  ///< In a header: no line breaks.
  kText     ///< In no message at all, as a key in PEM or JSON.
};

/// The same, and "file:PATH" for a whole value.
std::optional<Secret> replace_secret_references(std::string_view raw, const Place& place,
                                                const Lookup& lookup, Report& report,
                                                SecretForm form = SecretForm::kHeader);

/// The value of a variable; reports it when it is not set or empty.
std::optional<Secret> variable(std::string_view name, const Place& place, const Lookup& lookup,
                               Report& report);

}  // namespace tollgate::config
