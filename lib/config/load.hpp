#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "config/configuration.hpp"
#include "config/diagnostic.hpp"

namespace tollgate::config {

enum class ReferenceKind : uint8_t { kEnvironment, kFile };

/// Looks up "${NAME}" and "file:PATH"; false when there is no such thing.
using Lookup = std::function<bool(ReferenceKind kind, std::string_view name, std::string& value)>;

struct LoadResult {
  /// Null when there are errors.
  std::shared_ptr<const Configuration> configuration;
  std::vector<Diagnostic> diagnostics;  ///< In the order of the text, errors and warnings.
};

/// Loads a configuration: one or many YAML documents, each with a `type`. Reports everything at
/// once.
LoadResult load(std::string_view text, std::string_view file_name, const Lookup& lookup, Time now);

}  // namespace tollgate::config
