#pragma once

#include "providers/provider.hpp"

namespace tollgate::providers {

/// Amazon Bedrock: Claude through InvokeModel, any model through Converse.
const Provider& aws_bedrock_provider();

namespace aws_bedrock {

/// The region of a call: an ARN's own, else the model's, else the account's. Empty when none is
/// named.
std::string_view region_of(const Account& account, const router::Integration& integration,
                           std::string_view model_id);
/// Where Bedrock's models are in a region.
std::string default_base_url(std::string_view region);
/// The model's own id behind an inference profile's, which alone can be counted for; empty when the
/// id does not tell it.
std::string base_model_id(std::string_view model_id);

}  // namespace aws_bedrock
}  // namespace tollgate::providers
