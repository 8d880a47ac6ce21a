#pragma once

#include <optional>
#include <string>

#include "config/reading.hpp"

namespace tollgate::config {

/// The value as JSON text: for parts of a document that go to an upstream as they stand. Plain
/// scalars keep their type, quoted ones are strings, references are replaced. Nothing after a
/// report.
std::optional<std::string> read_json(Reading& reading, const Value& value);

}  // namespace tollgate::config
