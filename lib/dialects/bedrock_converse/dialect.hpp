#pragma once

#include "dialects/dialect.hpp"

namespace tollgate::dialects::bedrock_converse {

/// Amazon Bedrock's Converse, as an upstream's dialect: no client speaks it to the gateway.
const Dialect& dialect();

}  // namespace tollgate::dialects::bedrock_converse
